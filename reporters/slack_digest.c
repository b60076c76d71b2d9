#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/model/digest.h"
#include "reporters/payload.h"
#include "reporters/slack_message.h"
#include "reporters/words_digest.h"

enum {
	LINK_MAX = 120,
	GROUP_MAX = 6000, /* of a text of several lines; 13,000 for both */
};

static bool
is_well(const struct digest_row *row)
{
	return row->status == STATUS_OPERATIONAL;
}

/* A line each of those that are well, or of the others; adds to `shown`. */
static const char *
lines_of(const struct words *words, const struct digest *digest, bool well,
	struct arena *arena, size_t *shown)
{
	struct buf lines;
	buf_init(&lines, GROUP_MAX);
	for (size_t i = 0; i < digest->n_rows && !lines.full; i++) {
		const struct digest_row *row = &digest->rows[i];
		if (is_well(row) != well)
			continue;
		const char *line = arena_printf(arena, "%s*%s*: %s",
			lines.len > 0 ? "\n" : "",
			slack_link(row->name, row->url, LINK_MAX, arena),
			words_digest_row(words, row, arena));
		if (lines.max - lines.len < strlen(line))
			break;
		buf_add_text(&lines, line);
		++*shown;
	}
	const char *text = arena_dup_n(arena, lines.data, lines.len);
	buf_finish(&lines);
	return text;
}

static void
add_group(json_t *attachments, const char *colour, const char *lines)
{
	if (*lines == '\0')
		return;
	json_array_append_new(attachments,
		json_pack("{s:s, s:o, s:[s]}", "color", colour, "text",
			payload_text(lines), "mrkdwn_in", "text"));
}

const char *
slack_digest(const struct slack_style *style, const struct event *event,
	struct arena *arena)
{
	const struct words *words = &style->words;
	struct digest *digest = arena_alloc(arena, sizeof(*digest));
	digest_decode(event->message, arena, digest);
	size_t shown = 0;
	const char *others = lines_of(words, digest, false, arena, &shown);
	const char *well = lines_of(words, digest, true, arena, &shown);
	enum status worst = digest->n_rows > 0 && !digest->rows[0].muted
		? digest->rows[0].status
		: STATUS_UNKNOWN;
	json_t *attachments = json_array();
	add_group(attachments, slack_colour(worst), others);
	add_group(attachments, slack_colour(STATUS_OPERATIONAL), well);
	if (digest->total > shown)
		add_group(attachments, slack_colour(STATUS_UNKNOWN),
			words_digest_rest(
				words->language, digest->total - shown, arena));
	return payload_write(json_pack("{s:o, s:o}", "text",
				     payload_text(words_digest_title(
					     words->language, digest, arena)),
				     "attachments", attachments),
		arena);
}
