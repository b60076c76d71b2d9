/*
 * Did you mean?
 */
#pragma once

#include <stddef.h>

/** Begin with `.word` set; then hand in each candidate. */
struct conf_suggestion {
	const char *word;
	const char *best; /* NULL while none is near enough */
	size_t distance; /* of the best */
};

/** `candidate` is borrowed as long as the suggestion is; NULL is skipped. */
void conf_suggest(struct conf_suggestion *suggestion, const char *candidate);
