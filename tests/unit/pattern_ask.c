/*
 * Answers what becomes of patterns, for pattern_python.py.  A line is a pattern
 * and a body, both as hexadecimal digits and parted by a blank; the answer is
 * "matches", "differs", "gave up", or "refused: " and why.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/err.h"
#include "agent/base/pattern.h"

enum {
	LINE_SIZE = 1 << 20,
};

/* In its place; where it ends. */
static char *
unhex(char *text, size_t *len)
{
	char *to = text;
	char *at = text;
	while (isxdigit((unsigned char)at[0])
		&& isxdigit((unsigned char)at[1])) {
		char hex[] = { at[0], at[1], '\0' };
		*to++ = (char)strtoul(hex, NULL, 16);
		at += 2;
	}
	*len = (size_t)(to - text);
	return at;
}

int
main(void)
{
	static const char *const answers[] = {
		[PATTERN_DIFFERS] = "differs",
		[PATTERN_MATCHES] = "matches",
		[PATTERN_GAVE_UP] = "gave up",
	};
	struct pattern_cache *cache = pattern_cache_new();
	char *line = malloc(LINE_SIZE);
	while (line && fgets(line, LINE_SIZE, stdin)) {
		size_t pattern_len;
		size_t body_len;
		char *body = unhex(line, &pattern_len) + 1;
		unhex(body, &body_len);
		line[pattern_len] = '\0';
		struct err err;
		struct pattern *pattern = pattern_get(cache, line, &err);
		if (pattern)
			puts(answers[pattern_try(pattern, body, body_len)]);
		else
			printf("refused: %s\n", err.text);
		pattern_drop(pattern);
	}
	free(line);
	pattern_cache_free(cache);
	return 0;
}
