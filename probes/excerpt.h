/*
 * What an endpoint said, to be shown to people: bounded, text, secrets
 * covered.
 */
#pragma once

struct http_conf;
struct http_response;

enum {
	EXCERPT_BODY_MAX = 4096,
};

/**
 * Status line, headers, an empty line and the beginning of the body's text, of
 * at most RESULT_EVIDENCE_MAX bytes with its NUL, without what these settings
 * hold for its server alone.  The caller frees it.  NULL when nothing was said.
 */
char *excerpt_new(
	const struct http_response *response, const struct http_conf *settings);
