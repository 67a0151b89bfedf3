const ROOT = "/playground";

/** @param {string} path */
export async function get(path) {
  const answer = await fetch(`${ROOT}${path}`);
  return answer.ok ? answer.json() : null;
}

/**
 * The `result` of what a person did; undefined where the playground did not answer.
 * @param {string} path
 * @param {object} body
 */
export async function post(path, body) {
  try {
    const answer = await fetch(`${ROOT}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer.ok ? (await answer.json()).result : undefined;
  } catch {
    return undefined;
  }
}

/**
 * One person's stream on a platform; call the answer to end it.
 * @param {string} platform
 * @param {string} person
 * @param {Record<string, (data: any) => void>} on
 */
export function listen(platform, person, on) {
  const source = new EventSource(`${ROOT}/${platform}/stream?person=${encodeURIComponent(person)}`);
  for (const [event, take] of Object.entries(on)) source.addEventListener(event, (said) => take(JSON.parse(said.data)));
  source.addEventListener("error", () => document.body.classList.add("away"));
  source.addEventListener("open", () => document.body.classList.remove("away"));
  return () => source.close();
}
