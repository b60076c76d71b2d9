#include "agent/cli/plan_text.h"

#include <stdio.h>

#include "agent/cli/terminal.h"

enum {
	NAMES_MAX = 20, /* of a row; the rest are counted */
};

/* One row: how many, and who. */
static void
print_row(
	const char *what, const json_t *list, const char *colour, bool colours)
{
	size_t count = json_array_size(list);
	const char *begin = colours && count > 0 ? colour : "";
	const char *end = colours && count > 0 ? CLI_PLAIN : "";
	printf("%s%-10s %7zu%s", begin, what, count, end);
	for (size_t i = 0; i < count && i < NAMES_MAX; i++) {
		const json_t *item = json_array_get(list, i);
		const json_t *name = json_object_get(item, "name");
		printf("%s%s", i > 0 ? ", " : "  ",
			json_string_value(name ? name : item));
		if (name && json_is_false(json_object_get(item, "probed")))
			fputs(" (only told otherwise)", stdout);
	}
	if (count > NAMES_MAX)
		printf(" and %zu more", count - NAMES_MAX);
	putchar('\n');
}

static void
print_rows(const json_t *plan, bool colours)
{
	print_row("added", json_object_get(plan, "added"), CLI_GREEN, colours);
	print_row(
		"removed", json_object_get(plan, "removed"), CLI_RED, colours);
	print_row("changed", json_object_get(plan, "changed"), CLI_YELLOW,
		colours);
}

/* What of it comes, goes and changes, if anything does. */
static void
print_part(const json_t *plan, const char *part, bool colours)
{
	static const char *const keys[] = { "added", "removed", "changed" };
	const json_t *list = json_object_get(plan, part);
	size_t count = 0;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		count += json_array_size(json_object_get(list, keys[i]));
	if (count == 0)
		return;
	printf("%s:\n", part);
	print_rows(list, colours);
}

static void
print_plan(const json_t *plan, bool colours)
{
	print_rows(plan, colours);
	printf("%-10s %7lld\n", "untouched",
		(long long)json_integer_value(
			json_object_get(plan, "untouched")));
	print_part(plan, "reporters", colours);
	print_part(plan, "inbound", colours);
	print_part(plan, "chat", colours);
	print_part(plan, "actions", colours);
	size_t i;
	const json_t *key;
	json_array_foreach (json_object_get(plan, "restart"), i, key)
		printf("%s takes effect at the next start only\n",
			json_string_value(key));
}

static void
print_complaints(const json_t *list)
{
	size_t i;
	const json_t *text;
	json_array_foreach (list, i, text)
		fprintf(stderr, "%s\n", json_string_value(text));
}

bool
cli_plan_print(json_t *answer, bool colours)
{
	const json_t *plan = json_object_get(answer, "plan");
	print_complaints(json_object_get(answer, "warnings"));
	print_complaints(json_object_get(answer, "errors"));
	if (plan)
		print_plan(plan, colours);
	else if (json_is_true(json_object_get(answer, "later")))
		puts("the agent is starting; it will reload then");
	return plan || json_is_true(json_object_get(answer, "later"));
}
