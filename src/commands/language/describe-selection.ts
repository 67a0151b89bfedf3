/** A selection in the reader's words: "pending in Lager or Butik, not Malmö C". */
import type { Selection, Term } from "../../domain/filter.ts";
import type { Words } from "../../words/en.ts";

export function describeSelection(selection: Selection, t: Words): string {
  const kept = selection.filter((term) => !term.not);
  const [state, ...states] = kept.filter((term) => kindOf(term) === "state").map((term) => phraseOf(term, t));
  const [place, ...places] = kept.filter((term) => kindOf(term) === "place").map((term) => phraseOf(term, t));
  const traits = kept.filter((term) => kindOf(term) === "trait").map((term) => phraseOf(term, t));
  const negations = selection.filter((term) => term.not).map((term) => negationOf(term, t));
  const start = states.length === 0 ? [[state, place].filter((each) => each !== undefined).join(" ")] : [state, ...states, place];
  return [...start, ...places, ...traits, ...negations].filter(Boolean).join(", ") || t.replies.selection.everyone;
}

function kindOf(term: Term): "state" | "place" | "trait" {
  switch (term.key) {
    case "connection":
    case "status":
    case "pending-age":
    case "never-sent":
    case "bounced":
      return "state";
    case "department":
    case "office":
    case "company":
      return "place";
    case "authorised":
    case "role":
    case "signature":
    case "employee":
    case "user-id":
    case "lang":
      return "trait";
  }
}

function negationOf(term: Term, t: Words): string {
  if (term.key === "never-sent") return t.replies.selection.everSent;
  const bare = term.key === "department" || term.key === "office";
  return t.replies.selection.not({ phrase: bare ? anyOf(term.values, t) : phraseOf(term, t) });
}

function phraseOf(term: Term, t: Words): string {
  const words = t.replies.selection;
  switch (term.key) {
    case "department":
    case "office":
    case "company":
    case "authorised":
    case "role":
      return words[term.key]({ names: anyOf(term.values, t) });
    case "signature":
    case "employee":
      return words[term.key]({ parts: anyOf(term.values, t) });
    case "user-id":
      return words.userId({ parts: anyOf(term.values, t) });
    case "status":
      return anyOf(
        term.values.map((status) => words.statuses[status]),
        t,
      );
    case "connection":
      return anyOf(
        term.values.map((connection) => words.connections[connection]),
        t,
      );
    case "lang": {
      const names = term.values.map((language) => t.replies.languageNames[language] ?? language);
      return words.lang({ names: anyOf(names, t) });
    }
    case "pending-age": {
      const days = t.replies.days({ count: term.days });
      return term.than === ">" ? words.pendingLonger({ days }) : words.pendingShorter({ days });
    }
    case "never-sent":
      return words.neverSent;
    case "bounced":
      return words.bounced;
  }
}

function anyOf(words: string[], t: Words): string {
  return new Intl.ListFormat(t.locale, { type: "disjunction" }).format(words);
}
