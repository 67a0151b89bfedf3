/** Messages that come back to a return path. */

export const PATHS = { domain: "bounces.acme.example", secret: "a secret shared with the mail server" };

type Dsn = { to: string; action?: string; status?: string; diagnostic?: string; format?: string };

/** A delivery status notification. @see RFC 3464 */
export function dsn({
  to,
  action = "failed",
  status = "5.1.1",
  diagnostic = "smtp; 550 5.1.1 <anna@acme.example>: no such user",
}: Dsn): string {
  return [
    "From: MAILER-DAEMON@mx.example",
    `To: <${to}>`,
    "Subject: Undelivered Mail Returned to Sender",
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    "Your message could not be delivered.",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example",
    "",
    "Final-Recipient: rfc822; anna@acme.example",
    `Action: ${action}`,
    `Status: ${status}`,
    `Diagnostic-Code: ${diagnostic}`,
    "",
    "--b",
    "Content-Type: text/rfc822-headers",
    "",
    "Subject: Verify",
    "",
    "--b--",
    "",
  ].join("\r\n");
}

/** An out-of-office reply. @see RFC 3834 */
export function outOfOffice(to: string): string {
  return [
    "From: anna@acme.example",
    `To: <${to}>`,
    "Subject: Automatic reply: away until Monday",
    "Auto-Submitted: auto-replied",
    "Content-Type: text/plain",
    "",
    "I am away. 5.1.1 is not a status here. Action: failed",
    "",
  ].join("\r\n");
}
