/*
 * Environment variables that early versions of cachet-url-monitor read and
 * later ones do not: who still sets them believes in what is not so.
 */
#pragma once

struct conf;
struct conf_reader;

/** Which of them a text names, as ${NAME} may do: then they have an effect. */
unsigned conf_variables_in(const char *text);

/**
 * Warn of each that is set and that the file does not name; also of those for a
 * Cachet, when all that there are have names: these are for the one without.
 */
void conf_check_variables(struct conf_reader *reader, const struct conf *conf);
