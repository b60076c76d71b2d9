/*
 * The tables as JSON Schema, for editors: they complete keys and values, and
 * underline what `curlew check --strict` would complain of, as far as that
 * language can say it.
 */
#pragma once

struct conf_types;

/** Draft 7, which is what editors know best.  To be freed. */
char *conf_json_schema(const struct conf_types *types);
