#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/http/response.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"
#include "reporters/robot.h"

enum {
	LIMITED_MIN_MS = 60 * 1000,
	LIMITED_MAX_MS = 60 * 60 * 1000,
	TEXT_MAX = 1024,
	STRANGE_MAX = 3, /* answers that are not understood */
	STRANGE_MS = 60 * 1000,
};

static bool
code_in(const struct robot_kind *kind, const json_t *root, int64_t *code)
{
	for (size_t i = 0; i < 2; i++) {
		const json_t *value = kind->codes[i]
			? json_object_get(root, kind->codes[i])
			: NULL;
		if (value)
			return payload_number(value, code);
	}
	return false;
}

bool
robot_code(const struct robot_kind *kind, const struct http_response *answer,
	int64_t *code)
{
	json_t *root = payload_read(answer);
	bool found = code_in(kind, root, code);
	json_decref(root);
	return found;
}

static void
add_text(struct buf *buf, const char *text)
{
	for (; *text != '\0' && !buf->full; text++)
		buf_add_char(buf, (char)tolower((unsigned char)*text));
	buf_add_char(buf, '\n');
}

/* In small letters, for the caller to free. */
static char *
text_in(const struct robot_kind *kind, const json_t *root)
{
	struct buf buf;
	buf_init(&buf, TEXT_MAX);
	for (size_t i = 0; i < 2; i++) {
		const char *key = kind->texts[i];
		const json_t *text = key ? json_object_get(root, key) : NULL;
		if (json_is_string(text))
			add_text(&buf, json_string_value(text));
	}
	char *text = buf_steal(&buf);
	buf_finish(&buf);
	return text;
}

static bool
fits(const struct robot_answer *row, int64_t code, const char *text)
{
	return (row->code == code || (row->code == ROBOT_ANY && code != 0))
		&& (!row->word || strstr(text, row->word));
}

bool
robot_answered(const struct robot_kind *kind,
	const struct http_response *answer, int64_t code, const char *word)
{
	json_t *root = payload_read(answer);
	char *text = text_in(kind, root);
	int64_t said;
	const struct robot_answer row = { .code = code, .word = word };
	bool is_so = code_in(kind, root, &said) && fits(&row, said, text);
	free(text);
	json_decref(root);
	return is_so;
}

static const struct robot_answer *
row_of(const struct robot_kind *kind, const struct http_response *answer,
	int64_t code)
{
	json_t *root = payload_read(answer);
	char *text = text_in(kind, root);
	const struct robot_answer *row = kind->answers;
	while (row->sentence && !fits(row, code, text))
		row++;
	free(text);
	json_decref(root);
	return row->sentence ? row : NULL;
}

static void
known(const struct robot *robot, const struct http_response *answer,
	const struct robot_answer *row, int64_t code, int64_t now_ms,
	struct reporter_step *step)
{
	int64_t after_ms = http_response_retry_after(answer, now_ms);
	if (after_ms < LIMITED_MIN_MS)
		after_ms = LIMITED_MIN_MS;
	if (after_ms > LIMITED_MAX_MS)
		after_ms = LIMITED_MAX_MS;
	/* The answer's own words may repeat what we sent, a secret as well. */
	outcome_set(step, row->kind, "%s: %s (%" PRId64 ")", robot->kind->who,
		row->sentence, code);
	step->limited = row->limited;
	step->target_down = row->kind == STEP_RETRY && !row->limited;
	if (row->limited)
		step->after_ms = after_ms;
}

/* Who took it all the same would get it over and over, for a day. */
static void
strange(char *carry, struct reporter_step *step)
{
	size_t len = strlen(carry);
	size_t marks = 0;
	while (marks < len && carry[len - 1 - marks] == '?')
		marks++;
	if (marks + 1 >= STRANGE_MAX) {
		step->kind = STEP_REJECTED;
		return;
	}
	str_copy(carry + len, REPORTER_CARRY_MAX - len, "?");
	step->after_ms = STRANGE_MS;
}

void
robot_judge(const struct robot *robot, const struct reporter_context *context,
	const struct http_response *answer, struct reporter_step *step)
{
	const struct robot_kind *kind = robot->kind;
	int64_t now_ms = context->now_ms;
	int64_t code = 0;
	if (answer->status == 0) {
		outcome_no_answer(step, kind->who, answer);
		return;
	}
	bool has_code = robot_code(kind, answer, &code);
	const struct robot_answer *row =
		has_code && code != 0 ? row_of(kind, answer, code) : NULL;
	if (row) {
		known(robot, answer, row, code, now_ms, step);
	} else if (answer->status / 100 != 2) {
		reporter_usual(answer, now_ms, step);
	} else if (has_code && code == 0) {
		outcome_done(step, "");
	} else if (has_code) {
		outcome_set(step, STEP_RETRY,
			"%s did not take it, with a code that is not known "
			"here (%" PRId64 ")",
			kind->who, code);
		strange(context->carry, step);
	} else {
		outcome_set(step, STEP_RETRY,
			"it answered %d, but not as %s does; is its URL that "
			"of a robot?",
			answer->status, kind->who);
		strange(context->carry, step);
	}
}
