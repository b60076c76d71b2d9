/*
 *     before each sleep:       on_turn -> tell the phase, when it is another
 *     several times a period:  on_beat -> tell the status, feed the watchdog
 */
#include "agent/agent_pulse.h"

#include <ev.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/agent_internal.h"
#include "agent/base/buf.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/ledger.h"
#include "agent/notify.h"
#include "agent/workers.h"

enum {
	BEAT_US = 5 * 1000 * 1000, /* where the watchdog wants no more */
	BEATS_A_PERIOD = 4, /* of the watchdog: one may be late, or be lost */

	/* A restart makes no room on a disk, and what could not be recorded
	 * stands in memory alone; but it opens a broken handle anew. */
	STORE_MS = 60 * 60 * 1000,
	/* More than any timeout that a reporter can be given. */
	OUTBOX_MS = 15 * 60 * 1000,
	WORKERS_MS = 60 * 1000,

	STATE_MAX = 1024, /* of a message to the manager */
	STATUS_SIZE = 512,
	START_US = 60 * 1000 * 1000, /* from now, while it still starts */
};

struct agent_pulse {
	struct agent *agent;
	struct notify *notify;
	bool is_watched;
	int64_t period_us; /* between beats */
	struct ev_prepare turn;
	struct ev_timer beat;

	enum agent_phase tried; /* sent, at least once */
	enum agent_phase told; /* the manager took it */
	char status[STATUS_SIZE]; /* the same */
	bool is_ill; /* said so in the log */

	uint64_t ended; /* requests to receivers, at the last beat */
	int64_t ended_ms; /* when that became more, or none was under way */
};

const char *
agent_pulse_trouble(const struct agent_pulse_signs *signs)
{
	if (signs->store_ms > STORE_MS)
		return "nothing can be written to the state";
	if (signs->outbox_ms > OUTBOX_MS)
		return "requests to receivers do not end";
	if (signs->workers_ms > WORKERS_MS)
		return "a thread that probes is stuck";
	return NULL;
}

/* Looking. */

struct outbox_sum {
	uint64_t ended;
	size_t waiting;
};

static void
on_reporter(void *cookie, const struct outbox_stats *stats)
{
	struct outbox_sum *sum = cookie;
	sum->waiting += stats->waiting;
	sum->ended += stats->told + stats->retried + stats->rejected
		+ stats->expired + stats->points + stats->points_lost;
}

static struct outbox_sum
sum_up(const struct agent *agent)
{
	struct outbox_sum sum = { 0 };
	outbox_each(agent->outbox, on_reporter, &sum);
	return sum;
}

static struct agent_pulse_signs
look(struct agent_pulse *pulse, const struct outbox_sum *sum, int64_t mono_ms)
{
	struct agent *agent = pulse->agent;
	struct agent_pulse_signs signs = { 0 };
	int64_t since_ms;
	if (ledger_trouble(agent->ledger, &since_ms))
		signs.store_ms = mono_ms - since_ms;
	if (outbox_busy(agent->outbox) == 0 || sum->ended != pulse->ended)
		pulse->ended_ms = mono_ms;
	pulse->ended = sum->ended;
	signs.outbox_ms = mono_ms - pulse->ended_ms;
	if (agent->workers)
		signs.workers_ms = mono_ms - workers_heard(agent->workers);
	return signs;
}

/* "12 endpoints, 1 down, 3 waiting", and what is wrong. */
static void
describe(const struct agent *agent, const struct outbox_sum *sum,
	struct buf *status)
{
	size_t n = monitors_count(agent->monitors);
	int64_t since_ms;
	const char *unready = agent_unready(agent);
	const char *trouble = ledger_trouble(agent->ledger, &since_ms);
	if (agent->phase != PHASE_WORKING) {
		buf_add_text(status, unready);
		return;
	}
	buf_printf(status, "%zu endpoint%s, %zu down, %zu waiting", n,
		n == 1 ? "" : "s", monitors_count_down(agent->monitors),
		sum->waiting);
	if (trouble)
		buf_printf(
			status, "; the state cannot be written: %s", trouble);
}

/* Telling. */

static void
add_phase(const struct agent_pulse *pulse, struct buf *state)
{
	switch (pulse->agent->phase) {
	case PHASE_STARTING:
		buf_printf(state, "EXTEND_TIMEOUT_USEC=%d\n", START_US);
		break;
	case PHASE_WORKING:
		if (pulse->told != PHASE_WORKING)
			buf_add_text(state, "READY=1\n");
		break;
	case PHASE_STOPPING:
		if (pulse->told != PHASE_STOPPING)
			buf_add_text(state, "STOPPING=1\n");
		break;
	}
}

static bool
is_well(struct agent_pulse *pulse, const struct outbox_sum *sum)
{
	int64_t mono_ms = clock_now().mono_ms;
	struct agent_pulse_signs signs = look(pulse, sum, mono_ms);
	const char *trouble = agent_pulse_trouble(&signs);
	if (trouble && !pulse->is_ill)
		log_say(LOG_ERROR, "the watchdog is no longer fed",
			log_text("reason", trouble));
	pulse->is_ill = trouble != NULL;
	return !trouble;
}

static void
tell(struct agent_pulse *pulse)
{
	struct outbox_sum sum = sum_up(pulse->agent);
	struct buf state, status;
	buf_init(&state, STATE_MAX);
	buf_init(&status, STATUS_SIZE - 1);
	add_phase(pulse, &state);
	describe(pulse->agent, &sum, &status);
	/* A line end would begin another assignment. */
	for (size_t i = 0; i < status.len; i++)
		if (status.data[i] == '\n')
			status.data[i] = ' ';
	if (!str_eq(status.data, pulse->status))
		buf_printf(&state, "STATUS=%s\n", status.data);
	if (is_well(pulse, &sum) && pulse->is_watched)
		buf_add_text(&state, "WATCHDOG=1\n");
	if (state.len > 0 && notify_send(pulse->notify, state.data)) {
		pulse->told = pulse->agent->phase;
		str_copy(pulse->status, STATUS_SIZE, status.data);
	}
	buf_finish(&status);
	buf_finish(&state);
}

static void
on_beat(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	tell(timer->data);
}

static void
on_turn(struct ev_loop *loop, struct ev_prepare *prepare, int events)
{
	(void)loop, (void)events;
	struct agent_pulse *pulse = prepare->data;
	if (pulse->agent->phase == pulse->tried)
		return;
	/* What is not taken goes with the next beat. */
	pulse->tried = pulse->agent->phase;
	tell(pulse);
}

struct agent_pulse *
agent_pulse_new(struct agent *agent)
{
	struct notify *notify = notify_open();
	if (!notify)
		return NULL;
	struct agent_pulse *pulse = mem_zalloc(sizeof(*pulse));
	pulse->agent = agent;
	pulse->notify = notify;
	pulse->ended_ms = clock_now().mono_ms;
	int64_t watchdog_us = notify_watchdog_us();
	pulse->is_watched = watchdog_us > 0;
	pulse->period_us = BEAT_US;
	if (pulse->is_watched && watchdog_us / BEATS_A_PERIOD < BEAT_US)
		pulse->period_us = watchdog_us / BEATS_A_PERIOD;

	ev_prepare_init(&pulse->turn, on_turn);
	pulse->turn.data = pulse;
	ev_prepare_start(agent->loop, &pulse->turn);
	double period_s = (double)pulse->period_us / 1e6;
	ev_timer_init(&pulse->beat, on_beat, 0., period_s);
	pulse->beat.data = pulse;
	ev_timer_start(agent->loop, &pulse->beat);
	return pulse;
}

void
agent_pulse_free(struct agent_pulse *pulse)
{
	if (!pulse)
		return;
	if (pulse->told != PHASE_STOPPING)
		notify_send(pulse->notify, "STOPPING=1");
	ev_prepare_stop(pulse->agent->loop, &pulse->turn);
	ev_timer_stop(pulse->agent->loop, &pulse->beat);
	notify_close(pulse->notify);
	free(pulse);
}

void
agent_pulse_reloading(struct agent_pulse *pulse)
{
	if (!pulse)
		return;
	char state[64];
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		clock_mono_us());
	notify_send(pulse->notify, state);
}

void
agent_pulse_reloaded(struct agent_pulse *pulse)
{
	if (!pulse)
		return;
	pulse->told = PHASE_STARTING; /* so that it is READY=1 again */
	tell(pulse);
}
