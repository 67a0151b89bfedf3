/** Who may do what. A scope goes into the query; what lies outside it is not found, not counted, not named. */

/** The companies an actor may act on. */
export type Scope = { kind: "all" } | { kind: "companies"; companyIds: number[] } | { kind: "none" };

export type Role = "owner" | "admin" | "auditor";

/** What a command asks of its actor: `send` and `own` change things for others, `read` looks at others, `self` is for everyone linked, `anyone` for any member. */
export type Need = "anyone" | "self" | "read" | "send" | "own";

export type Rights = { linked: boolean; roles: Role[] };

const GIVES: Record<Role, Need[]> = {
  owner: ["read", "send", "own"],
  admin: ["read", "send"],
  auditor: ["read"],
};

export function may(rights: Rights, need: Need): boolean {
  if (need === "anyone") return true;
  if (need === "self") return rights.linked || rights.roles.length > 0;
  return rights.roles.some((role) => GIVES[role].includes(need));
}

export function scopeOf(roles: Role[], authorisedCompanyIds: number[]): Scope {
  if (roles.includes("owner")) return { kind: "all" };
  if (roles.length === 0 || authorisedCompanyIds.length === 0) return { kind: "none" };
  return { kind: "companies", companyIds: authorisedCompanyIds };
}

export function rolesAmong(words: string[]): Role[] {
  return (["owner", "admin", "auditor"] as const).filter((role) => words.includes(role));
}
