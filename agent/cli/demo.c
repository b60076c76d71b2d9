/*
 *     run -> play -> agent_run, which every 100 ms runs on_tick:
 *                        the script changes the world's mood,
 *                        the agent notices, judges, tells; the screen shows it
 */
#include <ev.h>
#include <stdio.h>

#include "agent/agent.h"
#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/cli/called.h"
#include "agent/cli/cli.h"
#include "agent/cli/config.h"
#include "agent/cli/demo_folder.h"
#include "agent/cli/demo_show.h"
#include "agent/cli/demo_world.h"
#include "agent/cli/limits.h"
#include "agent/http/client.h"
#include "agent/monitor.h"
#include "conf/conf.h"
#include "reporters/reporter.h"

enum {
	OPTION_FOR = 0,
	OPTION_FOREVER,
	ROUND_MS = 36 * 1000,
};

static const struct cli_option options[] = {
	[OPTION_FOR] = { "for", 0, "SECONDS", "end after that time" },
	[OPTION_FOREVER] = { "forever", 0, NULL, "go on until Ctrl-C" },
	{ 0 },
};

/** What happens in a round, and when. */
static const struct scene {
	int64_t at_ms;
	enum demo_mood mood;
	const char *text;
} scenes[] = {
	{ 0, DEMO_HEALTHY, "the shop is healthy" },
	{ 4000, DEMO_SLOW, "the shop becomes slow: 600 ms an answer" },
	{ 11000, DEMO_WRONG,
		"the shop is fast again, but shows the wrong page" },
	{ 17000, DEMO_HEALTHY, "the shop is healthy again" },
	{ 23000, DEMO_DOWN, "the shop is down: it hangs up without an answer" },
	{ 30000, DEMO_HEALTHY, "the shop is healthy again" },
};

enum {
	N_SCENES = sizeof scenes / sizeof *scenes,
};

struct demo {
	struct demo_show *show;
	struct demo_world *world;
	struct demo_folder folder;
	struct agent *agent;
	int64_t end_ms; /* 0: never */
	size_t played; /* scenes, in all rounds */
	bool is_over; /* it came to its end by itself */
};

static void
on_event(void *cookie, const struct event *event)
{
	struct demo *demo = cookie;
	cli_show_event(demo->show, event);
}

static void
on_result(void *cookie, const struct monitor *monitor)
{
	struct demo *demo = cookie;
	cli_show_result(demo->show, monitor);
}

static void
on_news(void *cookie, enum outbox_news news, const struct reporter *reporter,
	const struct event *event, const char *detail)
{
	(void)reporter, (void)event;
	struct demo *demo = cookie;
	if (news != OUTBOX_TOLD && news != OUTBOX_RESUMED)
		cli_show_trouble(demo->show, detail);
}

static void
on_tick(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	struct demo *demo = timer->data;

	int64_t elapsed_ms = cli_show_elapsed_ms(demo->show);
	if (demo->end_ms != 0 && elapsed_ms >= demo->end_ms) {
		demo->is_over = true;
		ev_timer_stop(loop, timer);
		agent_stop(demo->agent);
		return;
	}
	const struct scene *next = &scenes[demo->played % N_SCENES];
	int64_t round_ms = (int64_t)(demo->played / N_SCENES) * ROUND_MS;
	if (elapsed_ms >= round_ms + next->at_ms) {
		demo->played++;
		cli_world_set(demo->world, next->mood);
		cli_show_world(demo->show, next->text);
	}
	cli_show_live(demo->show, demo->agent);
}

static bool
play(struct demo *demo, struct conf *conf, struct err *err)
{
	char socket[DEMO_PATH_SIZE + 16];
	snprintf(socket, sizeof socket, "%s/curlew.sock", demo->folder.path);
	struct agent_options chosen = {
		.config = demo->folder.config,
		.socket = socket,
		.observer = { on_event, on_result, on_news, demo },
	};
	demo->agent = agent_new(conf, &chosen, err);
	if (!demo->agent)
		return false;

	struct ev_timer tick;
	ev_timer_init(&tick, on_tick, 0., .1);
	tick.data = demo;
	ev_timer_start(agent_loop(demo->agent), &tick);
	cli_show_start(demo->show);
	bool good = agent_run(demo->agent, err);
	ev_timer_stop(agent_loop(demo->agent), &tick);
	agent_free(demo->agent);
	return good;
}

static void
print_opening(const struct demo *demo)
{
	char length[DURATION_TEXT_SIZE];
	duration_text(demo->end_ms, length);
	printf("curlew watches two endpoints, home and shop, and tells a "
	       "webhook what changed.\n"
	       "All of it is inside this program.  It ends %s%s.\n"
	       "From another terminal: curlew status --config %s\n\n",
		demo->end_ms > 0 ? "by itself, after " : "with Ctrl-C",
		demo->end_ms > 0 ? length : "", demo->folder.config);
	fflush(stdout);
}

static const char closing[] =
	"\n"
	"To watch something of your own, put this into config.yml, with your "
	"URLs:\n"
	"\n"
	"    endpoints:\n"
	"      - name: shop\n"
	"        url: https://shop.example.net/health\n"
	"        frequency: 30\n"
	"    reporters:\n"
	"      - {name: ops, type: slack, url: https://hooks.slack.com/...}\n"
	"\n"
	"or let `%s init` ask you.  Then\n"
	"\n"
	"    %s check && %s run\n"
	"\n"
	"and from another terminal `%s status`.  `%s --help` tells more.\n";

static void
print_closing(const struct demo_counts *counts, unsigned events)
{
	printf("\nThat was it: %u outage%s noticed and judged, %u recovered; "
	       "%u announcement%s, %u told.\n",
		counts->opened, counts->opened == 1 ? "" : "s", counts->closed,
		events, events == 1 ? "" : "s", counts->received);
	char name[CLI_CALLED_SIZE];
	cli_called(name);
	printf(closing, name, name, name, name, name);
}

/* A whole round has it all: it is the shortest test of the whole program. */
static bool
conclude(const struct demo *demo, struct err *err)
{
	struct demo_counts counts = cli_show_counts(demo->show);
	unsigned events = counts.opened + counts.changed + counts.closed;
	cli_show_end(demo->show);
	print_closing(&counts, events);
	bool was_round = demo->is_over && demo->end_ms == ROUND_MS;
	bool was_whole = counts.opened == 2 && counts.closed == 2
		&& counts.received >= events;
	if (was_round && !was_whole)
		return err_set(err, "this round was not as it should be");
	return true;
}

static bool
perform(struct demo *demo, struct err *err)
{
	struct conf *conf = cli_config_load_logging(demo->folder.config);
	if (!conf)
		return err_set(err, "the configuration of the demo is wrong");
	print_opening(demo);
	bool good = http_global_init(err);
	if (good) {
		good = play(demo, conf, err);
		http_global_finish();
	}
	conf_free(conf);
	return good;
}

static bool
stage(struct demo *demo, struct err *err)
{
	demo->world = cli_world_open(demo->show, err);
	if (!demo->world)
		return false;
	bool good = cli_folder_make(
		&demo->folder, cli_world_where(demo->world), err);
	if (good) {
		good = perform(demo, err);
		cli_folder_remove(&demo->folder);
	}
	cli_world_close(demo->world), demo->world = NULL;
	return good && conclude(demo, err);
}

static int
run(const struct cli_args *args)
{
	const char *length = args->options[OPTION_FOR];
	bool forever = args->options[OPTION_FOREVER] != NULL;
	struct demo demo = { .end_ms = forever ? 0 : ROUND_MS };
	if (length && forever)
		return cli_misuse(&cli_demo,
			"--for and --forever exclude "
			"each other");
	if (length
		&& (!duration_parse(length, &demo.end_ms) || demo.end_ms == 0))
		return cli_misuse(&cli_demo,
			"--for %s: expected a time such as 20 or 5m", length);

	cli_limits();
	log_threshold(LOG_WARN);
	demo.show = cli_show_new();
	struct err err;
	bool good = stage(&demo, &err);
	cli_show_free(demo.show);
	return good ? CLI_OK : cli_fail("%s", err.text);
}

const struct cli_verb cli_demo = {
	.name = "demo",
	.summary = "see in a minute, without a network, what curlew does",
	.text = "Runs the agent with a small target inside the program that is "
		"healthy, slow,\n"
		"wrong, down and healthy again, and a webhook receiver that "
		"prints what it got.\n"
		"Each outage is noticed, judged, told and recovered.  It needs "
		"no network beyond\n"
		"loopback, and leaves nothing behind.\n"
		"\n"
		"examples:\n"
		"  curlew demo\n"
		"  curlew demo --for 20\n"
		"  curlew demo --forever\n"
		"\n"
		"exit codes:\n"
		"  0  all of it was seen, or it was interrupted    1  "
		"something failed\n",
	.options = options,
	.run = run,
};
