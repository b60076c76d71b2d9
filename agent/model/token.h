/*
 * Where the token for a receiver comes from: providers, tried in order until
 * one of them has it.  A value; whoever made it owns the strings.
 */
#pragma once

#include <stddef.h>

enum token_provider_kind {
	TOKEN_TEXT = 0, /* it stands in the configuration */
	TOKEN_VARIABLE,
	TOKEN_AWS, /* a secret of AWS Secrets Manager */
};

struct token_provider {
	enum token_provider_kind kind;
	const char *value; /* TEXT: the token; VARIABLE: its name */

	/* AWS */
	const char *secret_name; /* or its ARN */
	const char *secret_key; /* a key of the JSON map that the secret is */
	const char *region; /* lower-case letters, digits and hyphens */
};

struct token_source {
	const struct token_provider *providers;
	size_t count;
};
