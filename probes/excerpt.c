#include "probes/excerpt.h"

#include <stdbool.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/base/utf8.h"
#include "agent/http/response.h"
#include "agent/model/result.h"
#include "probes/body.h"
#include "probes/secrets.h"

enum {
	HEAD_MAX = RESULT_EVIDENCE_MAX - EXCERPT_BODY_MAX - 1,
};

static void
add_header(struct buf *head, const char *line, size_t len, bool *was_secret)
{
	/* A line that begins with a blank continues the one before it. */
	if (*line == ' ' || *line == '\t') {
		if (!*was_secret)
			utf8_mend(line, len, head);
		return;
	}
	const char *colon = memchr(line, ':', len);
	*was_secret = colon && secrets_is_name(line, (size_t)(colon - line));
	if (*was_secret) {
		utf8_mend(line, (size_t)(colon - line), head);
		buf_add_text(head, ": ***");
	} else {
		utf8_mend(line, len, head);
	}
}

static void
add_head(struct buf *head, const char *headers)
{
	bool was_secret = false;
	bool is_first = true;
	while (*headers != '\0') {
		size_t len = strcspn(headers, "\r\n");
		if (is_first)
			utf8_mend(headers, len, head);
		else
			add_header(head, headers, len, &was_secret);
		is_first = false;
		buf_add_text(head, "\r\n");
		headers += len;
		if (str_starts(headers, "\r\n"))
			headers++;
		if (*headers != '\0')
			headers++;
	}
}

/* As a C string ends at a NUL, one is shown as a blank. */
static void
add_body(struct buf *text, const struct http_response *response)
{
	struct body body;
	body_read(&body, response, EXCERPT_BODY_MAX);
	size_t begin = text->len;
	text->max = text->len + EXCERPT_BODY_MAX;
	/* What is broken may be anything. */
	utf8_mend(body.text, body.len, text);
	body_finish(&body);
	for (size_t i = begin; i < text->len; i++)
		if (text->data[i] == '\0')
			text->data[i] = ' ';
}

char *
excerpt_new(
	const struct http_response *response, const struct http_conf *settings)
{
	if (response->status == 0)
		return NULL;
	struct buf text;
	buf_init(&text, HEAD_MAX - 2);
	add_head(&text, response->headers);
	text.max += 2;
	buf_add_text(&text, "\r\n");
	add_body(&text, response);
	/* It may be kept for long: without the room to grow. */
	size_t size = text.len + 1;
	char *evidence = mem_grow(buf_steal(&text), size, 1);
	buf_finish(&text);
	return secrets_cover(evidence, settings);
}
