#include "agent/stall.h"

#include "agent/base/clock.h"

enum {
	BEAT_US = 50 * 1000,
};

/* A turn of the loop ends, after all other callbacks: it goes to wait. */
static void
on_prepare(struct ev_loop *loop, ev_prepare *prepare, int events)
{
	struct stall *stall = prepare->data;
	(void)loop;
	(void)events;
	stall->wait_us = clock_mono_us();
	histogram_add(&stall->turns, stall->wait_us - stall->turn_us);
	if (stall->wait_us - stall->turn_us > STALL_US)
		stall->count++;
}

/* Before any other callback of the turn. */
static void
on_check(struct ev_loop *loop, ev_check *check, int events)
{
	struct stall *stall = check->data;
	(void)loop;
	(void)events;
	stall->turn_us = clock_mono_us();
	if (ev_is_active(&stall->beat)
		&& stall->turn_us - stall->wait_us > BEAT_US + STALL_US)
		stall->count++;
}

static void
on_beat(struct ev_loop *loop, ev_timer *beat, int events)
{
	(void)loop;
	(void)beat;
	(void)events;
}

void
stall_init(struct stall *stall, struct ev_loop *loop)
{
	*stall = (struct stall){ .loop = loop };
	stall->turn_us = stall->wait_us = clock_mono_us();
	ev_prepare_init(&stall->prepare, on_prepare);
	ev_check_init(&stall->check, on_check);
	ev_timer_init(&stall->beat, on_beat, 0., BEAT_US / 1e6);
	ev_set_priority(&stall->check, EV_MAXPRI);
	ev_set_priority(&stall->prepare, EV_MINPRI);
	stall->prepare.data = stall;
	stall->check.data = stall;
	ev_prepare_start(loop, &stall->prepare);
	ev_check_start(loop, &stall->check);
}

void
stall_finish(struct stall *stall)
{
	ev_prepare_stop(stall->loop, &stall->prepare);
	ev_check_stop(stall->loop, &stall->check);
	ev_timer_stop(stall->loop, &stall->beat);
}

void
stall_watch(struct stall *stall, bool is_timing)
{
	if (is_timing)
		ev_timer_again(stall->loop, &stall->beat);
	else
		ev_timer_stop(stall->loop, &stall->beat);
}

uint32_t
stall_count(void *cookie)
{
	const struct stall *stall = cookie;
	bool is_late = clock_mono_us() - stall->turn_us > STALL_US;
	return stall->count + is_late;
}
