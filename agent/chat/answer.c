/*
 *     chat_answer_text, chat_answer_slack -> turn_page -> chat_say, chat_list
 */
#include "agent/chat/answer_internal.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "reporters/payload.h"
#include "reporters/words_digest.h"

enum {
	TEXT_MAX = 3500,
	REST_MAX = 100, /* of it, for how much more there is */
};

/* Members. */

const char *
chat_text_at(const json_t *map, const char *key)
{
	const char *text = json_string_value(json_object_get(map, key));
	return text ? text : "";
}

int64_t
chat_number_at(const json_t *map, const char *key)
{
	return (int64_t)json_integer_value(json_object_get(map, key));
}

bool
chat_is(const json_t *map, const char *key)
{
	return json_is_true(json_object_get(map, key));
}

enum status
chat_status_at(const json_t *map, const char *key)
{
	const char *name = chat_text_at(map, key);
	for (int i = 0; i < STATUS_COUNT; i++)
		if (str_eq(name, status_name((enum status)i)))
			return (enum status)i;
	return STATUS_UNKNOWN;
}

/* Pages. */

void
chat_page_add(struct chat_page *page, enum status status, bool counts,
	const char *text)
{
	if (page->n == page->size) {
		page->size = page->size > 0 ? page->size * 2 : 32;
		page->lines =
			mem_grow(page->lines, page->size, sizeof(*page->lines));
	}
	page->lines[page->n++] = (struct chat_line){ text, status, counts };
}

static void
turn_page(struct chat_page *page, const json_t *answer,
	const struct words *words, bool is_slack)
{
	int64_t more = chat_number_at(answer, "more");
	*page = (struct chat_page){
		.pen = { *words, is_slack, arena_new() },
		.answer = answer,
		.more = more > 0 ? (size_t)more : 0,
	};
	buf_init(&page->head, CHAT_HEAD_MAX);
	chat_say(page);
	chat_list(page);
}

static void
finish_page(struct chat_page *page)
{
	buf_finish(&page->head);
	free(page->lines);
	arena_free(page->pen.arena);
}

json_t *
chat_answer_slack(const json_t *answer, const struct words *words)
{
	struct chat_page page;
	turn_page(&page, answer, words, true);
	json_t *json = chat_slack(&page);
	finish_page(&page);
	return json;
}

const char *
chat_answer_text(
	const json_t *answer, const struct words *words, struct arena *arena)
{
	struct chat_page page;
	turn_page(&page, answer, words, false);
	struct buf text;
	buf_init(&text, TEXT_MAX);
	buf_add_text(&text, page.head.data);
	size_t at = 0;
	while (at < page.n
		&& text.len + strlen(page.lines[at].text) < TEXT_MAX - REST_MAX)
		buf_printf(&text, "\n%s", page.lines[at++].text);
	for (; at < page.n; at++)
		page.more += page.lines[at].counts;
	if (page.more > 0)
		buf_printf(&text, "\n%s",
			words_digest_rest(
				words->language, page.more, page.pen.arena));
	const char *copy = arena_dup_n(arena, text.data, text.len);
	buf_finish(&text);
	finish_page(&page);
	return copy;
}

/* Answers that the operator does not give. */

static json_t *
answer_of(const char *command, bool good, const char *outcome, const char *text)
{
	return json_pack("{s:o, s:b, s:s, s:o}", "command",
		payload_text(command), "good", good, "outcome", outcome, "text",
		payload_text(text));
}

json_t *
chat_answer_mistake(const struct command *command, const struct err *err)
{
	static const char *const outcomes[] = {
		[COMMAND_UNDERSTOOD] = "understood",
		[COMMAND_UNKNOWN] = "no_command",
		[COMMAND_LACKS_NAME] = "lacks_name",
		[COMMAND_TAKES_NO_NAME] = "takes_no_name",
		[COMMAND_TOO_LONG] = "too_long",
	};
	json_t *answer = answer_of(command_rows[command->verb].word, false,
		outcomes[command->mistake], err->text);
	json_object_set_new(answer, "asked", payload_text(command->asked));
	if (command->near)
		json_object_set_new(
			answer, "near", payload_text(command->near));
	return answer;
}

json_t *
chat_answer_refused(const char *word, enum chat_refusal refusal)
{
	static const struct {
		const char *outcome;
		const char *text;
	} rows[] = {
		[CHAT_NOT_BY_YOU] = { "not_by_you", "you may not do that" },
		[CHAT_NOT_HERE] = { "not_here",
			"that may not be done in this channel" },
		[CHAT_TOO_MUCH] = { "too_much",
			"too much is asked for at once" },
	};
	return answer_of(
		word, false, rows[refusal].outcome, rows[refusal].text);
}

json_t *
chat_answer_action(const char *name, enum chat_progress progress,
	const char *by, const char *result)
{
	static const struct {
		const char *outcome;
		const char *text;
		bool good;
	} rows[] = {
		[CHAT_BEGUN] = { "begun", "it is begun", true },
		[CHAT_GOES_ON] = { "goes_on", "still at it", true },
		[CHAT_DONE] = { "done", "it is done", true },
		[CHAT_FAILED] = { "failed", "it failed", false },
		[CHAT_UNCERTAIN] = { "uncertain",
			"it is not known whether it was done", false },
	};
	json_t *answer = answer_of("action", rows[progress].good,
		rows[progress].outcome, rows[progress].text);
	json_object_set_new(answer, "name", payload_text(name));
	if (by)
		json_object_set_new(answer, "by", payload_text(by));
	if (result)
		json_object_set_new(answer, "result", payload_text(result));
	return answer;
}
