#include "agent/chat/answer_internal.h"

#include <stdlib.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"

enum {
	MESSAGE_MAX = 200,
};

static void
add_row(struct chat_page *page, enum status status, const char *text)
{
	chat_page_add(page, status, true,
		arena_printf(page->pen.arena, "• %s", text));
}

static void
add_endpoints(struct chat_page *page, const json_t *rows)
{
	const struct chat_pen *pen = &page->pen;
	size_t i;
	const json_t *row;
	json_array_foreach (rows, i, row)
		add_row(page, chat_status_at(row, "status"),
			arena_printf(pen->arena, "%s: %s",
				chat_named(pen, chat_text_at(row, "name"),
					chat_text_at(row, "url")),
				chat_look_row(pen, row)));
}

static void
add_removed(struct chat_page *page, const json_t *rows)
{
	const struct chat_pen *pen = &page->pen;
	size_t i;
	const json_t *row;
	json_array_foreach (rows, i, row)
		add_row(page, STATUS_UNKNOWN,
			arena_printf(pen->arena, "%s: %s",
				chat_named(pen, chat_text_at(row, "name"), ""),
				chat_fill(pen, CHAT_TEXT_REMOVED_BY,
					chat_member(
						pen, row, "by", CHAT_NAME_MAX),
					chat_time(pen, chat_moment(row, "at")),
					NULL)));
}

/* "Nov 20 23:14, for 4m 10s: major outage: Unexpected HTTP status (500)". */
static void
add_past(struct chat_page *page, const json_t *row)
{
	const struct chat_pen *pen = &page->pen;
	enum status worst = chat_status_at(row, "worst");
	const char *message = chat_member(pen, row, "message", MESSAGE_MAX);
	const char *length = words_length(
		pen->words.language, chat_number_at(row, "for_ms"), pen->arena);
	const char *when = chat_fill(pen,
		chat_moment(row, "closed") > 0 ? CHAT_TEXT_LASTED
					       : CHAT_TEXT_LASTS,
		chat_time(pen, chat_moment(row, "opened")), length, NULL);
	add_row(page, worst,
		arena_printf(pen->arena, "%s: %s%s%s", when,
			words_status(pen->words.language, worst),
			*message != '\0' ? ": " : "", message));
}

static void
add_history(struct chat_page *page, const json_t *rows)
{
	size_t i;
	const json_t *row;
	json_array_foreach (rows, i, row)
		add_past(page, row);
}

/* As it was answered, but in this language; what an older curlew recorded, as
 * that said it. */
static const char *
outcome_of(const struct chat_pen *pen, const json_t *row)
{
	const json_t *answer = json_object_get(row, "answer");
	struct chat_page page = { .pen = *pen, .answer = answer };
	if (!answer)
		return chat_member(pen, row, "outcome", MESSAGE_MAX);
	buf_init(&page.head, CHAT_HEAD_MAX);
	chat_say(&page);
	const char *result = chat_member(pen, answer, "result", MESSAGE_MAX);
	const char *text = arena_printf(pen->arena, "%s%s%s", page.head.data,
		*result != '\0' ? " " : "", result);
	buf_finish(&page.head);
	return text;
}

/* "Nov 20 23:14, sora (slack): remove shop: shop is not monitored any more".
 */
static void
add_audit(struct chat_page *page, const json_t *rows)
{
	const struct chat_pen *pen = &page->pen;
	size_t i;
	const json_t *row;
	json_array_foreach (rows, i, row) {
		const char *source =
			chat_member(pen, row, "source", CHAT_NAME_MAX);
		add_row(page, STATUS_UNKNOWN,
			arena_printf(pen->arena, "%s, %s%s%s%s: %s: %s",
				chat_time(pen, chat_moment(row, "at")),
				chat_member(pen, row, "who", CHAT_NAME_MAX),
				*source != '\0' ? " (" : "", source,
				*source != '\0' ? ")" : "",
				chat_member(pen, row, "said", CHAT_WORDS_MAX),
				outcome_of(pen, row)));
	}
}

/* How it goes, as when it is told alone. */
static enum chat_text
text_of_run(const json_t *row, enum status *colour)
{
	static const struct {
		const char *outcome;
		enum chat_text text;
		enum status colour;
	} outcomes[] = {
		{ "done", CHAT_TEXT_DONE, STATUS_OPERATIONAL },
		{ "failed", CHAT_TEXT_FAILED, STATUS_MAJOR_OUTAGE },
		{ "uncertain", CHAT_TEXT_UNCERTAIN, STATUS_PARTIAL_OUTAGE },
	};
	const char *outcome = chat_text_at(row, "outcome");
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (str_eq(outcomes[i].outcome, outcome)) {
			*colour = outcomes[i].colour;
			return outcomes[i].text;
		}
	*colour = STATUS_UNKNOWN;
	return CHAT_TEXT_GOES_ON;
}

/* "Nov 20 23:14, sora: create-vm vm1 gcp: done. vm1 is up" */
static void
add_runs(struct chat_page *page, const json_t *rows)
{
	const struct chat_pen *pen = &page->pen;
	size_t i;
	const json_t *row;
	json_array_foreach (rows, i, row) {
		enum status colour;
		enum chat_text text = text_of_run(row, &colour);
		const char *said =
			chat_member(pen, row, "said", CHAT_WORDS_MAX);
		const char *what = arena_printf(pen->arena, "%s%s%s",
			chat_member(pen, row, "name", CHAT_NAME_MAX),
			*said != '\0' ? " " : "", said);
		const char *result =
			chat_member(pen, row, "result", MESSAGE_MAX);
		add_row(page, colour,
			arena_printf(pen->arena, "%s, %s: %s%s%s",
				chat_time(pen, chat_moment(row, "since")),
				chat_member(pen, row, "by", CHAT_NAME_MAX),
				chat_fill(pen, text, what, NULL, NULL),
				*result != '\0' ? " " : "", result));
	}
}

/* English has it in the table of commands. */
static const char *
help_of(const struct chat_pen *pen, const json_t *row)
{
	const struct command_row *found =
		command_find(chat_text_at(row, "word"));
	const char *text = found
		? chat_texts[pen->words.language].help[found - command_rows]
		: NULL;
	return chat_write(
		pen, text ? text : chat_text_at(row, "help"), CHAT_WORDS_MAX);
}

static void
add_commands(struct chat_page *page, const json_t *rows)
{
	const struct chat_pen *pen = &page->pen;
	size_t i;
	const json_t *row;
	json_array_foreach (rows, i, row) {
		const char *arguments = chat_text_at(row, "arguments");
		add_row(page, STATUS_UNKNOWN,
			arena_printf(pen->arena, "%s: %s",
				chat_command(page,
					arena_printf(pen->arena, "%s%s%s",
						chat_text_at(row, "word"),
						*arguments != '\0' ? " " : "",
						arguments)),
				help_of(pen, row)));
	}
}

/* A payload, or what was said when there is none. */
static void
add_echo(struct chat_page *page)
{
	const json_t *payload = json_object_get(page->answer, "payload");
	char *text = payload
		? json_dumps(payload, JSON_INDENT(2) | JSON_ENCODE_ANY)
		: NULL;
	chat_page_add(page, STATUS_UNKNOWN, false,
		chat_code(&page->pen,
			text ? text : chat_text_at(page->answer, "text")));
	free(text);
}

static void
add_result(struct chat_page *page, const json_t *result)
{
	bool is_good = chat_is(page->answer, "good");
	if (*json_string_value(result) != '\0')
		chat_page_add(page,
			is_good ? STATUS_OPERATIONAL : STATUS_MAJOR_OUTAGE,
			false,
			chat_code(&page->pen, json_string_value(result)));
}

void
chat_list(struct chat_page *page)
{
	const json_t *answer = page->answer;
	const char *command = chat_text_at(answer, "command");
	const json_t *endpoint = json_object_get(answer, "endpoint");
	const json_t *result = json_object_get(answer, "result");
	bool is_good = chat_is(answer, "good");
	if (endpoint && is_good)
		chat_look(page, endpoint);
	add_endpoints(page, json_object_get(answer, "endpoints"));
	add_removed(page, json_object_get(answer, "removed"));
	add_history(page, json_object_get(answer, "history"));
	add_audit(page, json_object_get(answer, "audit"));
	add_runs(page, json_object_get(answer, "runs"));
	add_commands(page, json_object_get(answer, "commands"));
	chat_ways(page, json_object_get(answer, "actions"));
	chat_teach(page, json_object_get(answer, "lessons"));
	if (str_eq(command, command_rows[COMMAND_ECHO].word) && is_good)
		add_echo(page);
	if (json_is_string(result))
		add_result(page, result);
}
