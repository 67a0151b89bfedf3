/** Every table of the product: what drizzle and its migrations read, and where all queries take their tables from. */
export * from "./people.ts";
export * from "./sends.ts";
