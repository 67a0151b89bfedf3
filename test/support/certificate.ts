import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Certificate = { key: string; cert: string };

const NEW = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=relay"];

/** A self-signed certificate of one day, made by the machine's openssl. `name` is a subjectAltName such as `IP:127.0.0.1`. */
export function makeCertificate(name: string): Certificate {
  return inFolder(({ key, cert }, openssl) => {
    openssl("req", "-x509", ...NEW, "-days", "1", "-addext", `subjectAltName=${name}`, "-keyout", key, "-out", cert);
  });
}

/** One that ended years ago: only openssl's own authority sets the days themselves. */
export function makeExpiredCertificate(name: string): Certificate {
  return inFolder(({ folder, key, cert }, openssl) => {
    const [config, request] = [join(folder, "ca.cnf"), join(folder, "request.pem")];
    const authority = ["database = index.txt", "new_certs_dir = .", "default_md = sha256", "policy = any", "rand_serial = yes"];
    const sections = ["[ca]", "default_ca = own", "[own]", ...authority, "copy_extensions = copy", "[any]", "commonName = supplied"];
    writeFileSync(config, sections.join("\n"));
    writeFileSync(join(folder, "index.txt"), "");
    openssl("req", ...NEW, "-addext", `subjectAltName=${name}`, "-keyout", key, "-out", request);
    const days = ["-startdate", "20200101000000Z", "-enddate", "20200102000000Z"];
    openssl("ca", "-config", config, "-batch", "-notext", "-selfsign", "-keyfile", key, "-in", request, ...days, "-out", cert);
  });
}

function inFolder(make: (paths: { folder: string; key: string; cert: string }, openssl: (...args: string[]) => void) => void): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "verify-bot-cert-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  try {
    make({ folder, key, cert }, (...args) => void execFileSync("openssl", args, { cwd: folder, stdio: "ignore" }));
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
