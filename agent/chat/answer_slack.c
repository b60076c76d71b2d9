/*
 * The head is the message's text; below it stand attachments, for the sake of
 * their colours: lines of one colour in a row share one.
 */
#include "agent/chat/answer_internal.h"

#include <string.h>

#include "reporters/payload.h"
#include "reporters/slack_message.h"
#include "reporters/words_digest.h"

enum {
	ATTACHMENT_MAX = 3000, /* bytes, and so characters */
	ATTACHMENTS_MAX = 19, /* 20 are advised; the last one is of the rest */
	ALL_MAX = 12000, /* of them together */
};

struct packing {
	json_t *attachments;
	struct buf text; /* of the one that is filled now */
	enum status status;
	size_t total;
};

static void
finish_one(struct packing *packing)
{
	if (packing->text.len == 0)
		return;
	json_array_append_new(packing->attachments,
		json_pack("{s:s, s:o, s:[s]}", "color",
			slack_colour(packing->status), "text",
			payload_text(packing->text.data), "mrkdwn_in", "text"));
	buf_clear(&packing->text);
}

/* False when the message is full. */
static bool
pack(struct packing *packing, const struct chat_line *line)
{
	size_t len = strlen(line->text) + 1;
	bool is_new = packing->text.len == 0 || packing->status != line->status
		|| packing->text.len + len > ATTACHMENT_MAX;
	if (packing->total + len > ALL_MAX || len > ATTACHMENT_MAX)
		return false;
	if (is_new) {
		finish_one(packing);
		if (json_array_size(packing->attachments) >= ATTACHMENTS_MAX)
			return false;
		packing->status = line->status;
	}
	buf_printf(&packing->text, "%s%s", packing->text.len > 0 ? "\n" : "",
		line->text);
	packing->total += len;
	return true;
}

static void
pack_rest(struct packing *packing, const struct chat_page *page, size_t from)
{
	const struct chat_pen *pen = &page->pen;
	size_t more = page->more;
	for (size_t i = from; i < page->n; i++)
		more += page->lines[i].counts;
	finish_one(packing);
	if (more == 0)
		return;
	packing->status = STATUS_UNKNOWN;
	buf_add_text(&packing->text,
		words_digest_rest(pen->words.language, more, pen->arena));
	finish_one(packing);
}

json_t *
chat_slack(const struct chat_page *page)
{
	struct packing packing = { .attachments = json_array() };
	buf_init(&packing.text, ATTACHMENT_MAX);
	size_t at = 0;
	while (at < page->n && pack(&packing, &page->lines[at]))
		at++;
	pack_rest(&packing, page, at);
	buf_finish(&packing.text);
	json_t *json =
		json_pack("{s:o}", "text", payload_text(page->head.data));
	if (json_array_size(packing.attachments) > 0)
		json_object_set(json, "attachments", packing.attachments);
	json_decref(packing.attachments);
	return json;
}
