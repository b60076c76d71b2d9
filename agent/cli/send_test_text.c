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
	bool opened = str_eq(text_at(message, "event"), "opened");
	size_t i;
	const json_t *request;
	printf("%s%s%s\n", colours ? CLI_BOLD : "",
		opened ? "An outage" : "Its end", colours ? CLI_PLAIN : "");
	json_array_foreach (json_object_get(message, "requests"), i, request) {
		putchar('\n');
		print_request(request);
		print_answer(json_object_get(request, "answer"));
	}
	print_outcome(message, colours);
}

void
cli_send_test_print(const json_t *record, bool colours)
{
	size_t i;
	const json_t *message;
	json_array_foreach (json_object_get(record, "messages"), i, message)
		print_message(message, colours);
	bool taken = json_is_true(json_object_get(record, "taken"));
	size_t n = json_array_size(json_object_get(record, "messages"));
	printf("%s %s\n", text_at(record, "reporter"),
		taken && n > 0	? "took both"
			: taken ? "is told nothing of this kind"
			: n > 1 ? "took the outage, and not its end"
				: "did not take the outage");
}
