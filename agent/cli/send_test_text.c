#include <stdio.h>
#include <string.h>

#include "agent/base/str.h"
#include "agent/cli/send_test.h"
#include "agent/cli/terminal.h"

static const char *
text_at(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text ? text : "";
}

/* What a terminal would obey is not in it. */
static void
print_line(const char *text, size_t len)
{
	fputs("  ", stdout);
	for (size_t i = 0; i < len; i++)
		putchar((unsigned char)text[i] < ' ' || text[i] == 0x7f
				? '?'
				: text[i]);
	putchar('\n');
}

static void
print_lines(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		bool cr = len > 0 && text[len - 1] == '\r';
		print_line(text, len - (cr ? 1 : 0));
		text += len + (text[len] == '\n' ? 1 : 0);
	}
}

static void
print_headers(json_t *headers)
{
	const char *name;
	json_t *value;
	json_object_foreach (headers, name, value)
		printf("  %s: %s\n", name, json_string_value(value));
}

static void
print_request(const json_t *request)
{
	size_t i;
	const json_t *to;
	printf("  %s %s\n", text_at(request, "method"),
		text_at(request, "url"));
	if (json_object_get(request, "from"))
		printf("  from %s\n", text_at(request, "from"));
	json_array_foreach (json_object_get(request, "to"), i, to)
		printf("  to %s\n", json_string_value(to));
	if (json_object_get(request, "headers"))
		print_headers(json_object_get(request, "headers"));
	const char *body = text_at(request, "body");
	if (*body != '\0') {
		putchar('\n');
		print_lines(body);
	}
}

static void
print_answer(const json_t *answer)
{
	json_int_t ms = json_integer_value(json_object_get(answer, "ms"));
	json_int_t status =
		json_integer_value(json_object_get(answer, "status"));
	const char *error = text_at(answer, "error");
	putchar('\n');
	if (status > 0)
		printf("  answered %" JSON_INTEGER_FORMAT
		       " after %" JSON_INTEGER_FORMAT " ms%s\n",
			status, ms,
			*text_at(answer, "body") != '\0' ? ":" : "");
	else
		printf("  no answer after %" JSON_INTEGER_FORMAT " ms\n", ms);
	print_lines(text_at(answer, "body"));
	print_lines(error);
}

static void
print_outcome(const json_t *message, bool colours)
{
	const char *outcome = text_at(message, "outcome");
	const char *detail = text_at(message, "detail");
	bool taken = str_eq(outcome, "taken");
	printf("\n%s%s%s%s%s\n\n",
		!colours	? ""
			: taken ? CLI_GREEN
				: CLI_RED,
		outcome, colours ? CLI_PLAIN : "", *detail != '\0' ? ": " : "",
		detail);
}

static void
print_message(const json_t *message, bool colours)
{
	const char *event = text_at(message, "event");
	size_t i;
	const json_t *request;
	printf("%s%s%s\n", colours ? CLI_BOLD : "",
		str_eq(event, "opened")		  ? "An outage"
			: str_eq(event, "closed") ? "Its end"
						  : "Its removal",
		colours ? CLI_PLAIN : "");
	json_array_foreach (json_object_get(message, "requests"), i, request) {
		putchar('\n');
		print_request(request);
		print_answer(json_object_get(request, "answer"));
	}
	print_outcome(message, colours);
}

static bool
was_taken(const json_t *messages, const char *event)
{
	size_t i;
	const json_t *message;
	json_array_foreach (messages, i, message)
		if (str_eq(text_at(message, "event"), event))
			return str_eq(text_at(message, "outcome"), "taken");
	return false;
}

static const char *
verdict_on(const json_t *messages)
{
	const json_t *last =
		json_array_get(messages, json_array_size(messages) - 1);
	bool removes = str_eq(text_at(last, "event"), "removed");
	bool removed = was_taken(messages, "removed");
	if (json_array_size(messages) == 0)
		return "is told nothing of this kind";
	if (!was_taken(messages, "opened"))
		return "did not take the outage";
	if (!was_taken(messages, "closed"))
		return removed ? "took the outage, not its end, and removed it"
			       : "took the outage, and not its end";
	if (!removes)
		return "took both";
	return removed ? "took both, and removed them"
		       : "took both, and did not remove them: delete the "
			 "incident \"curlew test\" there";
}

void
cli_send_test_print(const json_t *record, bool colours)
{
	const json_t *messages = json_object_get(record, "messages");
	size_t i;
	const json_t *message;
	json_array_foreach (messages, i, message)
		print_message(message, colours);
	printf("%s %s\n", text_at(record, "reporter"), verdict_on(messages));
}
