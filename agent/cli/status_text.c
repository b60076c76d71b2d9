#include "agent/cli/status_text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/duration.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/cli/terminal.h"
#include "agent/model/status.h"

enum {
	NAME_WIDTH_MAX = 40,
	CELL_SIZE = 64,
};

static const char *
text_of(json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text ? text : "";
}

static int64_t
number_of(json_t *json, const char *key)
{
	return (int64_t)json_integer_value(json_object_get(json, key));
}

static double
ms_of(json_t *json, const char *key)
{
	return json_number_value(json_object_get(json, key));
}

static bool
is_null(json_t *json, const char *key)
{
	return !json_object_get(json, key)
		|| json_is_null(json_object_get(json, key));
}

static enum status
status_of(json_t *json, const char *key)
{
	const char *name = text_of(json, key);
	for (int i = 0; i < STATUS_COUNT; i++) {
		if (str_eq(name, status_name((enum status)i)))
			return (enum status)i;
	}
	return STATUS_UNKNOWN;
}

static const char *
colour_of(enum status status, bool colours)
{
	static const char *const table[STATUS_COUNT] = {
		[STATUS_UNKNOWN] = CLI_DIM,
		[STATUS_OPERATIONAL] = CLI_GREEN,
		[STATUS_PERFORMANCE_ISSUES] = CLI_YELLOW,
		[STATUS_PARTIAL_OUTAGE] = CLI_MAGENTA,
		[STATUS_MAJOR_OUTAGE] = CLI_RED,
	};
	return colours ? table[status] : "";
}

static void
lasted(json_t *json, const char *key, char text[static DURATION_TEXT_SIZE])
{
	if (is_null(json, key))
		str_copy(text, DURATION_TEXT_SIZE, "-");
	else
		duration_text(number_of(json, key), text);
}

static void
print_head(json_t *status)
{
	char up[DURATION_TEXT_SIZE];
	lasted(status, "up_ms", up);
	printf("curlew %s, process %lld, up %s, ", text_of(status, "version"),
		(long long)number_of(status, "pid"), up);
	if (is_null(status, "unready"))
		puts("ready");
	else
		cli_print(text_of(status, "unready"), "NOT READY: "),
			putchar('\n');

	json_t *counts = json_object_get(status, "counts");
	long long total = (long long)number_of(counts, "total");
	printf("%lld endpoint%s", total, total == 1 ? "" : "s");
	const char *between = ": ";
	for (int i = STATUS_COUNT - 1; i >= 0; i--) {
		long long n = (long long)number_of(
			counts, status_name((enum status)i));
		if (n == 0)
			continue;
		printf("%s%lld %s", between, n, status_words((enum status)i));
		between = ", ";
	}
	putchar('\n');
	json_t *worker = json_object_get(status, "worker");
	if (json_is_object(worker))
		printf("%lld probes, %lld missed; late by %.1f ms (median), "
		       "%.1f ms (p99), %.1f ms (most)\n",
			(long long)number_of(worker, "probes"),
			(long long)number_of(worker, "missed"),
			ms_of(worker, "late_p50_ms"),
			ms_of(worker, "late_p99_ms"),
			ms_of(worker, "late_max_ms"));
}

static void
print_counts(json_t *orders)
{
	json_t *all = json_object_get(orders, "all_muted");
	int64_t removed = number_of(orders, "removed");
	int64_t muted = number_of(orders, "muted") - json_is_object(all);
	int64_t taken = number_of(orders, "acknowledged");
	if (json_is_object(all)) {
		fputs("EVERYTHING IS MUTED by ", stdout);
		cli_print(text_of(all, "by"), "");
		printf("%s%s\n", is_null(all, "until") ? "" : " until ",
			text_of(all, "until"));
	}
	if (removed + muted + taken > 0)
		printf("%lld removed, %lld muted, %lld acknowledged\n",
			(long long)removed, (long long)muted, (long long)taken);
}

static void
print_blind(json_t *blind)
{
	if (!json_is_object(blind))
		return;
	long long unseen = (long long)number_of(blind, "unseen");
	long long of = (long long)number_of(blind, "of");
	char since[DURATION_TEXT_SIZE];
	lasted(blind, "for_ms", since);
	if (is_null(blind, "incident"))
		printf("cannot look at %lld of %lld", unseen, of);
	else
		printf("BLIND for %s: cannot look at %lld of %lld", since,
			unseen, of);
	const char *why = text_of(blind, "why");
	cli_print(why, *why != '\0' ? ": " : " endpoints");
	putchar('\n');
}

/* What people ordered of it. */
static void
print_orders(json_t *endpoint, const char *before)
{
	json_t *taken = json_object_get(endpoint, "acknowledged");
	if (json_is_true(json_object_get(endpoint, "muted")))
		printf("%smuted", before), before = "; ";
	if (!json_is_object(taken))
		return;
	printf("%s", before);
	cli_print(text_of(taken, "by"), "");
	fputs(" looks after it", stdout);
	if (!is_null(taken, "until"))
		printf(" until %s", text_of(taken, "until"));
}

static void
print_orders_lines(json_t *endpoint)
{
	if (json_is_true(json_object_get(endpoint, "muted"))
		|| json_is_object(json_object_get(endpoint, "acknowledged"))) {
		fputs("  orders     ", stdout);
		print_orders(endpoint, "");
		putchar('\n');
	}
}

static void
print_row(json_t *endpoint, int name_width, bool colours)
{
	enum status status = status_of(endpoint, "status");
	char since[DURATION_TEXT_SIZE];
	lasted(endpoint, "for_ms", since);
	char latency[CELL_SIZE] = "-";
	if (!is_null(endpoint, "latency_ms"))
		snprintf(latency, sizeof latency, "%.1f ms",
			ms_of(endpoint, "latency_ms"));

	cli_print_padded(text_of(endpoint, "name"), name_width);
	printf("  %s%-18s%s  %-8s  %-10s ", colour_of(status, colours),
		status_words(status), colours ? CLI_PLAIN : "", since, latency);
	cli_print(text_of(endpoint, "message"), "");
	if (status_of(endpoint, "seen") != status
		&& number_of(endpoint, "fails") > 0)
		printf(" (%lld in a row)",
			(long long)number_of(endpoint, "fails"));
	print_orders(
		endpoint, *text_of(endpoint, "message") != '\0' ? "; " : "");
	putchar('\n');
}

static void
print_reporter(json_t *reporter)
{
	const char *name = text_of(reporter, "name");
	printf("  ");
	cli_print(*name != '\0' ? name : text_of(reporter, "id"), "");
	printf(": %lld told, %lld waiting",
		(long long)number_of(reporter, "told"),
		(long long)number_of(reporter, "waiting"));
	static const struct {
		const char *key;
		const char *words;
	} counts[] = {
		{ "rejected", "rejected" },
		{ "expired", "expired" },
		{ "points", "points" },
		{ "points_lost", "points lost" },
	};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		int64_t count = number_of(reporter, counts[i].key);
		if (count > 0)
			printf(", %lld %s", (long long)count, counts[i].words);
	}
	if (json_is_true(json_object_get(reporter, "suspended")))
		fputs(", SUSPENDED", stdout);
	if (text_of(reporter, "trouble")[0] != '\0')
		cli_print(text_of(reporter, "trouble"), "; ");
	putchar('\n');
}

struct row {
	json_t *endpoint;
	size_t place;
	enum status status;
};

/* The worst first, then as the configuration has them. */
static int
compare(const void *a, const void *b)
{
	const struct row *left = a;
	const struct row *right = b;
	if (left->status != right->status)
		return left->status > right->status ? -1 : 1;
	return left->place < right->place ? -1 : 1;
}

void
cli_status_rows(json_t *endpoints, bool colours)
{
	size_t n = json_array_size(endpoints);
	struct row *rows = mem_alloc((n + 1) * sizeof *rows);
	int width = (int)strlen("ENDPOINT");
	for (size_t i = 0; i < n; i++) {
		json_t *endpoint = json_array_get(endpoints, i);
		rows[i] = (struct row){
			.endpoint = endpoint,
			.place = i,
			.status = status_of(endpoint, "status"),
		};
		int name = cli_width(text_of(endpoint, "name"));
		if (name > width)
			width = name;
	}
	if (width > NAME_WIDTH_MAX)
		width = NAME_WIDTH_MAX;
	if (n > 0)
		qsort(rows, n, sizeof *rows, compare);
	printf("\n%-*s  %-18s  %-8s  %-10s %s\n", width, "ENDPOINT", "STATUS",
		"FOR", "LATENCY", "LAST TROUBLE");
	for (size_t i = 0; i < n; i++)
		print_row(rows[i].endpoint, width, colours);
	free(rows);
}

void
cli_status_table(json_t *status, bool colours)
{
	print_head(status);
	print_counts(json_object_get(status, "orders"));
	print_blind(json_object_get(status, "blind"));
	cli_status_rows(json_object_get(status, "endpoints"), colours);

	json_t *reporters = json_object_get(status, "reporters");
	if (json_array_size(reporters) == 0)
		return;
	puts("\nreporters:");
	for (size_t i = 0; i < json_array_size(reporters); i++)
		print_reporter(json_array_get(reporters, i));
}

static void
print_phases(json_t *endpoint)
{
	if (is_null(endpoint, "latency_ms"))
		return;
	json_t *phases = json_object_get(endpoint, "phases");
	printf("  latency    %.1f ms: name %.1f, connect %.1f, TLS %.1f, "
	       "wait %.1f, body %.1f\n",
		ms_of(endpoint, "latency_ms"), ms_of(phases, "dns_ms"),
		ms_of(phases, "connect_ms"), ms_of(phases, "tls_ms"),
		ms_of(phases, "wait_ms"), ms_of(phases, "transfer_ms"));
}

static void
print_name(json_t *endpoint, bool colours)
{
	enum status status = status_of(endpoint, "status");
	char since[DURATION_TEXT_SIZE];
	lasted(endpoint, "for_ms", since);
	cli_print(text_of(endpoint, "name"), "");
	printf(": %s%s%s for %s\n", colour_of(status, colours),
		status_words(status), colours ? CLI_PLAIN : "", since);
}

/* Where there is such a text. */
static void
print_text(json_t *endpoint, const char *key, const char *indent)
{
	const char *text = text_of(endpoint, key);
	if (*text == '\0')
		return;
	cli_print(text, indent);
	putchar('\n');
}

/* Another monitor watches it. */
static void
print_external(json_t *endpoint, bool colours)
{
	print_name(endpoint, colours);
	printf("  problems   %lld\n",
		(long long)number_of(endpoint, "problems"));
	if (is_null(endpoint, "incident"))
		return;
	cli_print(text_of(endpoint, "message"), "  the worst  ");
	printf("\n  incident   %s\n", text_of(endpoint, "incident"));
	print_orders_lines(endpoint);
	print_text(endpoint, "url", "  more       ");
}

/* The last look at it. */
static void
print_look(json_t *endpoint)
{
	char every[DURATION_TEXT_SIZE], ago[DURATION_TEXT_SIZE];
	lasted(endpoint, "frequency_ms", every);
	lasted(endpoint, "probed_ago_ms", ago);
	printf("  url        %s ", text_of(endpoint, "method"));
	cli_print(text_of(endpoint, "url"), "");
	printf("\n  probed     every %s, last time %s ago, %lld missed\n",
		every, ago, (long long)number_of(endpoint, "missed"));
	printf("  seen       %s", status_words(status_of(endpoint, "seen")));
	if (!is_null(endpoint, "code"))
		printf(", code %lld", (long long)number_of(endpoint, "code"));
	if (!is_null(endpoint, "cause"))
		printf(" (%s)", text_of(endpoint, "cause"));
	putchar('\n');
	print_text(endpoint, "message", "  message    ");
	print_text(endpoint, "detail", "  detail     ");
	printf("  failures   %lld in a row; allowed: %lld\n",
		(long long)number_of(endpoint, "fails"),
		(long long)number_of(endpoint, "allowed_fails"));
	if (!is_null(endpoint, "incident"))
		printf("  incident   %s\n", text_of(endpoint, "incident"));
	print_orders_lines(endpoint);
}

void
cli_status_endpoint(json_t *endpoint, bool colours)
{
	if (str_eq(text_of(endpoint, "kind"), "external")) {
		print_external(endpoint, colours);
		return;
	}
	print_name(endpoint, colours);
	print_look(endpoint);
	print_phases(endpoint);
	if (!is_null(endpoint, "evidence")) {
		puts("  evidence of the last failure:");
		cli_print(text_of(endpoint, "evidence"), "    ");
		putchar('\n');
	}
}
