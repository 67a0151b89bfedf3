/** The columns of the Employees/users template, as the five languages head them. The first header of each is the one we write. */

export type RosterColumn =
  | "userId"
  | "aliasUserId"
  | "signature"
  | "name"
  | "company"
  | "department"
  | "office"
  | "cardTagId"
  | "externalReference"
  | "email"
  | "loginAddress"
  | "language"
  | "status"
  | "lastDay"
  | "authorisedTo"
  | "roles";

const HEADERS: Record<RosterColumn, string> = {
  userId: "User-ID | Användar-ID | Bruker-ID | Bruger-ID | Käyttäjätunnus | Käyttäjä-ID",
  aliasUserId:
    "Alias user-ID | Alias användar-ID | Alias bruker-ID | Alias bruger-ID | Alias-käyttäjätunnus | Käyttäjätunnuksen alias | User-ID alias",
  signature: "Signature | Signatur | Nimikirjaimet | Allekirjoitus",
  name: "Employee | Anställd | Medarbetare | Ansatt | Medarbejder | Ansat | Työntekijä | Name | Namn | Navn | Nimi",
  company: "Company | Företag | Bolag | Selskap | Firma | Selskab | Virksomhed | Yritys | Connected to company",
  department: "Department | Avdelning | Avdeling | Afdeling | Osasto",
  office: "Office | Kontor | Toimisto | Toimipiste",
  cardTagId:
    "Card/Tag-ID | Kort/Tagg-ID | Kort-/tagg-ID | Kort/Tag-ID | Kort/Brikke-ID | Kort/Brik-ID | Kortti/Tunniste-ID | Kortti/Tagi-ID",
  externalReference: "External reference | Extern referens | Ekstern referanse | Ekstern reference | Ulkoinen viite",
  email: "Email | E-post | E-postadress | E-mail | Sähköposti",
  loginAddress:
    "Email Visma Connect | E-post Visma Connect | E-mail Visma Connect | Sähköposti Visma Connect | Visma Connect -sähköposti | Visma Connect email | Visma Connect e-post",
  language: "Language | Språk | Sprog | Kieli",
  status: "Status | Tila",
  lastDay:
    "Last day | Sista dag | Sista anställningsdag | Siste dag | Siste arbeidsdag | Sidste dag | Sidste arbejdsdag | Viimeinen päivä | Viimeinen työpäivä",
  authorisedTo:
    "Authorised to | Authorised to companies | Authorised to company | Authorized to | Behörig till | Behörig till företag | Behörighet till | Autorisert for | Autorisert til | Autoriseret til | Valtuutettu | Valtuutettu yrityksiin | Valtuudet",
  roles: "Roles | Role | Roller | Roll | Rolle | Roolit | Rooli",
};

export const ROSTER_COLUMNS = Object.entries(HEADERS).map(([name, headers]) => ({
  name: name as RosterColumn,
  headers: headers.split(" | "),
  required: name === "userId",
}));
