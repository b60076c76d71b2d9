#include "agent/cli/demo_show.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/duration.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/cli/terminal.h"
#include "agent/workers.h"
#include "conf/conf.h"

enum {
	LINE_MAX = 1024,
	PIECE_SIZE = 128,
};

struct demo_show {
	pthread_mutex_t lock; /* of all below, and of stdout */
	bool is_terminal;
	bool colours;
	int64_t start_us;
	struct buf live; /* what stands at the bottom */
	struct demo_counts counts;
};

/** Who speaks, and how it looks. */
struct voice {
	const char *name;
	const char *colour;
};

static const struct voice voice_world = { "world", CLI_BLUE };
static const struct voice voice_noticed = { "noticed", CLI_DIM };
static const struct voice voice_judged = { "judged", CLI_YELLOW };
static const struct voice voice_recovered = { "judged", CLI_GREEN };
static const struct voice voice_told = { "told", CLI_MAGENTA };
static const struct voice voice_trouble = { "trouble", CLI_RED };

struct demo_show *
cli_show_new(void)
{
	struct demo_show *show = mem_zalloc(sizeof *show);
	pthread_mutex_init(&show->lock, NULL);
	show->is_terminal = isatty(STDOUT_FILENO) != 0;
	show->colours = cli_has_colours(STDOUT_FILENO);
	buf_init(&show->live, LINE_MAX);
	return show;
}

static void
wipe(struct demo_show *show)
{
	if (show->is_terminal && show->live.len > 0)
		fputs("\r\033[K", stdout);
}

void
cli_show_end(struct demo_show *show)
{
	pthread_mutex_lock(&show->lock);
	wipe(show);
	buf_clear(&show->live);
	fflush(stdout);
	pthread_mutex_unlock(&show->lock);
}

void
cli_show_free(struct demo_show *show)
{
	if (!show)
		return;
	buf_finish(&show->live);
	pthread_mutex_destroy(&show->lock);
	free(show);
}

void
cli_show_start(struct demo_show *show)
{
	show->start_us = clock_mono_us();
}

int64_t
cli_show_elapsed_ms(const struct demo_show *show)
{
	return (clock_mono_us() - show->start_us) / 1000;
}

static const char *
colour(const struct demo_show *show, const char *code)
{
	return show->colours ? code : "";
}

/* One line.  The lock is held. */
static void say(struct demo_show *show, const struct voice *voice,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

static void
say(struct demo_show *show, const struct voice *voice, const char *format, ...)
{
	va_list args;
	wipe(show);
	printf("%5.1f s  %s%-8s%s ", (double)cli_show_elapsed_ms(show) / 1000.,
		colour(show, voice->colour), voice->name,
		colour(show, CLI_PLAIN));
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n%s", show->is_terminal ? show->live.data : "");
	fflush(stdout);
}

void
cli_show_world(struct demo_show *show, const char *text)
{
	pthread_mutex_lock(&show->lock);
	say(show, &voice_world, "%s", text);
	pthread_mutex_unlock(&show->lock);
}

void
cli_show_result(struct demo_show *show, const struct monitor *monitor)
{
	const struct verdict_state *verdict = &monitor->verdict;
	const char *name = monitor->conf->name;
	if (monitor->seen == verdict->announced)
		return;
	pthread_mutex_lock(&show->lock);
	if (monitor->seen == STATUS_OPERATIONAL)
		say(show, &voice_noticed, "%s: good, %u of %u in a row", name,
			verdict->goods, monitor->policy.recover_after);
	else if (status_is_bad(monitor->seen))
		say(show, &voice_noticed,
			"%s: %s; failure %u, and %u is forgiven", name,
			monitor->message ? monitor->message : "",
			verdict->fails, monitor->policy.allowed_fails);
	else
		say(show, &voice_noticed, "%s: could not look: %s", name,
			monitor->message ? monitor->message : "");
	pthread_mutex_unlock(&show->lock);
}

static void
say_event(struct demo_show *show, const struct event *event)
{
	char lasted[DURATION_TEXT_SIZE];
	const char *name = event->endpoint.name;
	switch (event->kind) {
	case EVENT_BASELINE:
		say(show, &voice_recovered, "%s is %s", name,
			status_words(event->to));
		break;
	case EVENT_OPENED:
		show->counts.opened++;
		say(show, &voice_judged, "%s: %s (%s); an incident is opened",
			name, status_words(event->to), event->message);
		break;
	case EVENT_CHANGED:
		show->counts.changed++;
		say(show, &voice_judged, "%s: now %s (%s)", name,
			status_words(event->to), event->message);
		break;
	case EVENT_CLOSED:
		show->counts.closed++;
		duration_text(event->at_ms - event->opened_ms, lasted);
		say(show, &voice_recovered,
			"%s: %s after %s; the incident is closed", name,
			status_words(event->to), lasted);
		break;
	case EVENT_NOTICE: /* nobody sends the demo any */
	case EVENT_POINT:
	case EVENT_DIGEST:
	case EVENT_ANSWER:
	case EVENT_REMINDER:
		break;
	}
}

void
cli_show_event(struct demo_show *show, const struct event *event)
{
	pthread_mutex_lock(&show->lock);
	say_event(show, event);
	pthread_mutex_unlock(&show->lock);
}

void
cli_show_received(struct demo_show *show, const char *body, const char *key)
{
	(void)key;
	pthread_mutex_lock(&show->lock);
	show->counts.received++;
	say(show, &voice_told, "the webhook got %s", body);
	pthread_mutex_unlock(&show->lock);
}

void
cli_show_trouble(struct demo_show *show, const char *detail)
{
	pthread_mutex_lock(&show->lock);
	say(show, &voice_trouble, "%s", detail);
	pthread_mutex_unlock(&show->lock);
}

static const char *
colour_of(enum status status)
{
	if (status == STATUS_OPERATIONAL)
		return CLI_GREEN;
	if (status == STATUS_PERFORMANCE_ISSUES)
		return CLI_YELLOW;
	return status_is_bad(status) ? CLI_RED : CLI_DIM;
}

/* A piece of the live line, unless it would not fit on the screen: a line that
 * wraps cannot be wiped.  `code` is its colour, or NULL. */
static void add_piece(struct demo_show *show, int *room, const char *code,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

static void
add_piece(struct demo_show *show, int *room, const char *code,
	const char *format, ...)
{
	char text[PIECE_SIZE];
	va_list args;
	va_start(args, format);
	int width = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (width < 0 || width > *room)
		return;
	*room -= width;
	if (!code || !show->colours)
		buf_add_text(&show->live, text);
	else
		buf_printf(&show->live, "%s%s%s", code, text, CLI_PLAIN);
}

static void
add_endpoint(struct demo_show *show, int *room, const struct monitor *monitor)
{
	enum status status = monitor->verdict.announced;
	add_piece(show, room, NULL, "%s ", monitor->conf->name);
	add_piece(show, room, colour_of(status), "%s", status_words(status));
	if (monitor->latency_us > 0)
		add_piece(show, room, NULL, " %.0f ms",
			(double)monitor->latency_us / 1000.);
	add_piece(show, room, NULL, " | ");
}

void
cli_show_live(struct demo_show *show, const struct agent *agent)
{
	if (!show->is_terminal)
		return;
	struct agent_view view = agent_view(agent);
	struct worker_stats stats = { 0 };
	if (view.workers)
		workers_stats(view.workers, &stats);
	int room = cli_columns(STDOUT_FILENO) - 1;

	pthread_mutex_lock(&show->lock);
	wipe(show);
	buf_clear(&show->live);
	add_piece(show, &room, NULL, "%5.1f s  ",
		(double)cli_show_elapsed_ms(show) / 1000.);
	size_t n = monitors_size(view.monitors);
	for (uint32_t i = 0; i < n; i++)
		add_endpoint(show, &room, monitors_at(view.monitors, i));
	add_piece(show, &room, CLI_DIM, "%llu probes",
		(unsigned long long)stats.probes);
	fputs(show->live.data, stdout);
	fflush(stdout);
	pthread_mutex_unlock(&show->lock);
}

struct demo_counts
cli_show_counts(struct demo_show *show)
{
	pthread_mutex_lock(&show->lock);
	struct demo_counts counts = show->counts;
	pthread_mutex_unlock(&show->lock);
	return counts;
}
