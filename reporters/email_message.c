/* RFC 5322, 2045 and 2047. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/hash.h"
#include "agent/base/str.h"
#include "reporters/email.h"
#include "reporters/payload.h"
#include "reporters/words_digest.h"

enum {
	MESSAGE_MAX = 512 * 1024,
	TEXT_MAX = 200 * 1024,
	CANONICAL_MAX = 300 * 1024,
	SUBJECT_MAX = 300, /* bytes */
	PLAIN_MAX = 60, /* of a header that needs no encoding */
	WORD_MAX = 45, /* bytes in one encoded word: 72 characters */
	LINE_BYTES = 57, /* in a line of base64: 76 characters */
};

/* Texts. */

/* On one line, and UTF-8; what a header must not have in it is a blank. */
static const char *
one_line(const char *text, size_t max, struct arena *arena)
{
	json_t *clean = payload_text_cut(text, max);
	char *line = arena_dup(arena, json_string_value(clean));
	json_decref(clean);
	for (char *at = line; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	return line;
}

static bool
is_plain(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || (unsigned char)*at >= 0x7f)
			return false;
	return strlen(text) <= PLAIN_MAX && !strstr(text, "=?");
}

/* As many bytes as fit, and no part of a character. */
static size_t
piece_of(const char *text)
{
	size_t len = strlen(text);
	if (len <= WORD_MAX)
		return len;
	for (len = WORD_MAX;
		len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
		continue;
	return len > 0 ? len : WORD_MAX;
}

static void
add_base64(struct buf *out, const char *bytes, size_t len)
{
	unsigned char text[LINE_BYTES / 3 * 4 + 1];
	EVP_EncodeBlock(text, (const unsigned char *)bytes, (int)len);
	buf_add_text(out, (const char *)text);
}

/* As it is, or in encoded words, each on a line of its own. */
static void
add_words(struct buf *out, const char *text)
{
	if (is_plain(text)) {
		buf_add_text(out, text);
		return;
	}
	while (*text != '\0') {
		size_t len = piece_of(text);
		buf_add_text(out, "=?UTF-8?B?");
		add_base64(out, text, len);
		buf_add_text(out, "?=");
		text += len;
		if (*text != '\0')
			buf_add_text(out, "\r\n ");
	}
}

/* Headers. */

static void
add_from(struct buf *out, const struct email_address *from, struct arena *arena)
{
	const char *name = *from->name != '\0' ? from->name : "curlew";
	name = one_line(name, SUBJECT_MAX, arena);
	buf_add_text(out, "From: ");
	if (is_plain(name)) {
		buf_add_char(out, '"');
		for (; *name != '\0'; name++)
			buf_printf(out, strchr("\"\\", *name) ? "\\%c" : "%c",
				*name);
		buf_add_text(out, "\" ");
	} else {
		add_words(out, name);
		buf_add_text(out, "\r\n ");
	}
	buf_printf(out, "<%s>\r\n", from->address);
}

static void
add_date(struct buf *out, int64_t wall_ms)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	if (!gmtime_r(&seconds, &tm))
		return;
	buf_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n",
		days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const char *
domain_of(const struct email *email)
{
	return strrchr(email->from.address, '@') + 1;
}

/* The same on each attempt.  Of an opening it can be told from what follows. */
static void
add_ids(struct buf *out, const struct email *email,
	const struct reporter_context *context)
{
	const struct event *event = context->event;
	const char *domain = domain_of(email);
	const char *keys = reporter_delivery_key(context);
	bool is_digest = event->kind == EVENT_DIGEST;
	buf_printf(out, "Message-ID: <%s.%u.%u",
		is_digest ? "digest" : event->incident, event->seq,
		context->part_number);
	if (is_digest || context->n_more > 0)
		buf_printf(out, ".%016" PRIx64,
			hash_text(is_digest ? event->message : keys));
	buf_printf(out, "@%s>\r\n", domain);
	if (event->seq > 1 && !is_digest)
		buf_printf(out,
			"In-Reply-To: <%s.1.%u@%s>\r\n"
			"References: <%s.1.%u@%s>\r\n",
			event->incident, context->part_number, domain,
			event->incident, context->part_number, domain);
	buf_add_text(out, "X-Curlew-Delivery: ");
	for (; *keys != '\0'; keys++)
		if (*keys == ',')
			buf_add_text(out, ",\r\n ");
		else
			buf_add_char(out, *keys);
	buf_add_text(out, "\r\n");
}

/* NULL without a template, and for what it cannot fill in. */
static const char *
fill_in(const struct email *email, const char *template,
	const struct event *event, struct arena *arena)
{
	const struct fill fill = {
		.words = &email->words,
		.event = event,
		.arena = arena,
	};
	struct err ignored;
	return template ? fill_text(template, &fill, &ignored) : NULL;
}

static const struct digest *
digest_of(const struct event *event, struct arena *arena)
{
	struct digest *digest = arena_alloc(arena, sizeof(*digest));
	digest_decode(event->message, arena, digest);
	return digest;
}

static const char *
subject_of(const struct email *email, const struct event *event,
	struct arena *arena)
{
	int language = email->words.language;
	if (event->kind == EVENT_DIGEST)
		return words_digest_title(
			language, digest_of(event, arena), arena);
	const char *own = email->template
		? fill_in(email, email->template->title, event, arena)
		: NULL;
	return own ? own : words_title(language, event, arena);
}

/* "shop is unavailable (+4)" */
static void
add_subject(struct buf *out, const struct email *email,
	const struct reporter_context *context)
{
	struct arena *arena = context->arena;
	const char *subject = one_line(
		subject_of(email, context->event, arena), SUBJECT_MAX, arena);
	if (context->n_more > 0)
		subject = arena_printf(
			arena, "%s (+%zu)", subject, context->n_more);
	buf_add_text(out, "Subject: ");
	add_words(out, subject);
	buf_add_text(out, "\r\n");
}

static void
add_headers(struct buf *out, const struct email *email,
	const struct reporter_context *context)
{
	add_from(out, &email->from, context->arena);
	for (size_t i = 0; i < email->n_to; i++)
		buf_printf(out, "%s<%s>%s", i == 0 ? "To: " : " ", email->to[i],
			i + 1 < email->n_to ? ",\r\n" : "\r\n");
	add_subject(out, email, context);
	add_date(out, context->now_ms);
	add_ids(out, email, context);
	buf_add_text(out,
		"Auto-Submitted: auto-generated\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\n");
}

/* The text. */

static void
add_usual(struct buf *text, const struct words *words,
	const struct event *event, struct arena *arena)
{
	struct words_fact facts[WORDS_FACTS_MAX];
	buf_printf(
		text, "%s\n\n", words_sentence(words->language, event, arena));
	size_t n = words_facts(words, event, arena, facts);
	for (size_t i = 0; i < n; i++)
		buf_printf(text, "%s: %s\n",
			words_label(words->language, facts[i].label),
			facts[i].value);
}

static void
add_digest(struct buf *text, const struct words *words,
	const struct event *event, struct arena *arena)
{
	const struct digest *digest = digest_of(event, arena);
	buf_printf(text, "%s\n\n%s\n",
		words_digest_title(words->language, digest, arena),
		words_digest_lines(words, digest, arena));
}

static void
add_event(struct buf *text, const struct email *email,
	const struct event *event, struct arena *arena)
{
	const char *own = email->template
		? fill_in(email, email->template->text, event, arena)
		: NULL;
	if (event->kind == EVENT_DIGEST)
		add_digest(text, &email->words, event, arena);
	else if (own)
		buf_printf(text, "%s\n", own);
	else
		add_usual(text, &email->words, event, arena);
}

static void
add_events(struct buf *text, const struct email *email,
	const struct reporter_context *context)
{
	add_event(text, email, context->event, context->arena);
	for (size_t i = 0; i < context->n_more; i++) {
		buf_add_text(text, "\n");
		add_event(text, email, &context->more[i], context->arena);
	}
	buf_add_text(text, "\n-- \ncurlew\n");
}

/* Its lines end in CRLF before they are encoded (RFC 2045, 6.8). */
static const char *
canonical(const char *text, struct arena *arena)
{
	json_t *clean = payload_text(text);
	struct buf lines;
	buf_init(&lines, CANONICAL_MAX);
	for (const char *at = json_string_value(clean); *at != '\0'; at++)
		if (*at == '\n')
			buf_add_text(&lines, "\r\n");
		else if (*at != '\r')
			buf_add_char(&lines, *at);
	json_decref(clean);
	const char *copy = arena_dup(arena, lines.data);
	buf_finish(&lines);
	return copy;
}

static void
add_text(struct buf *out, const struct email *email,
	const struct reporter_context *context)
{
	struct buf text;
	buf_init(&text, TEXT_MAX);
	add_events(&text, email, context);
	const char *bytes = canonical(text.data, context->arena);
	buf_finish(&text);
	for (size_t left = strlen(bytes); left > 0;) {
		size_t len = left < LINE_BYTES ? left : LINE_BYTES;
		add_base64(out, bytes, len);
		buf_add_text(out, "\r\n");
		bytes += len;
		left -= len;
	}
}

const char *
email_message(const struct email *email, const struct reporter_context *context)
{
	struct buf out;
	buf_init(&out, MESSAGE_MAX);
	add_headers(&out, email, context);
	add_text(&out, email, context);
	const char *message = arena_dup(context->arena, out.data);
	buf_finish(&out);
	return message;
}
