#include <inttypes.h>

#include "tests/sim/cachet.h"
#include "tests/sim/disk.h"
#include "tests/sim/life.h"
#include "tests/sim/net.h"
#include "tests/sim/record.h"
#include "tests/sim/sim.h"

enum {
	STEPS_MOST = 40, /* to live, once death was drawn */
	STEPS_FEW = 12,
};

static void
step_clock(struct sim_world *world)
{
	int64_t by = sim_chance(world, 500)
		? sim_between(world, 1, SIM_MINUTE_MS * 2)
		: sim_between(world, 1, SIM_HOUR_MS * 72);
	if (sim_chance(world, 500))
		by = -by;
	world->stepped_ms = sim_time(world);
	sim_say(world, "the clock steps by %" PRId64 " ms", by);
	world->now.wall_ms += by;
}

/* Meanwhile, some of what was down recovers. */
static void
forget(struct sim_world *world)
{
	int64_t now = sim_time(world);
	sim_say(world, "the state file is gone");
	world->dead = world->life != NULL;
	world->forgets = true;
	world->forgot_ms = now;
	for (size_t i = 0; i < PLAN_CACHETS; i++)
		sim_cachet_forgotten(world->cachets[i]);
	for (size_t i = 0; i < PLAN_TARGETS; i++) {
		struct sim_target *target = &world->targets[i];
		if (sim_chance(world, 500))
			continue;
		for (size_t j = 0; j < target->n_outages; j++)
			if (target->outages[j].from_ms < now
				&& target->outages[j].to_ms > now)
				target->outages[j].to_ms = now;
	}
}

/* Beyond every expiry. */
static void
leap_clock(struct sim_world *world)
{
	int64_t most = sim_chance(world, 500) ? 72 : 24 * 40;
	int64_t by = sim_between(world, SIM_HOUR_MS * 25, SIM_HOUR_MS * most);
	world->stepped_ms = sim_time(world);
	sim_say(world, "the clock leaps by %" PRId64 " ms", by);
	world->now.wall_ms += by;
}

/* Without a process it is read at the next start. */
static void
reload(struct sim_world *world)
{
	plan_change(world);
	sim_say(world, "reload");
	sim_records_replan(world->records);
	if (world->life)
		sim_life_reload(world->life);
	sim_target_disturb(world);
}

static void
change_disk(struct sim_world *world, enum sim_act_kind kind)
{
	if (kind == ACT_DISK_FULL)
		sim_disk_fill(world->disk);
	else if (kind == ACT_DISK_BROKEN)
		sim_disk_break(world->disk);
	else
		sim_disk_mend(world->disk);
	sim_say(world, "the disk is %s",
		kind == ACT_DISK_MENDED ? "well" : "in trouble");
}

void
sim_act(struct sim_world *world, const struct sim_act *act)
{
	struct sim_cachet *cachet = world->cachets[act->cachet];
	switch (act->kind) {
	case ACT_CLOCK_STEP:
		step_clock(world);
		break;
	case ACT_CLOCK_LEAP:
		leap_clock(world);
		break;
	case ACT_RELOAD:
		reload(world);
		break;
	case ACT_DEATH:
		sim_doom(world, sim_between(world, 0, STEPS_MOST));
		break;
	case ACT_PEOPLE:
		sim_cachet_visit(cachet);
		break;
	case ACT_PEOPLE_CALM:
		sim_cachet_visit_calm(cachet);
		break;
	case ACT_MISSED:
		world->dead = world->life != NULL;
		sim_cachet_restore(cachet, true);
		break;
	case ACT_UPGRADED:
		sim_cachet_upgrade(cachet);
		break;
	case ACT_FORGOTTEN:
		forget(world);
		break;
	case ACT_RESTORED:
		sim_cachet_restore(cachet, false);
		break;
	case ACT_DISK_FULL:
	case ACT_DISK_BROKEN:
	case ACT_DISK_MENDED:
		change_disk(world, act->kind);
		break;
	}
}

/* Death and what follows. */

void
sim_refused(struct sim_world *world)
{
	world->refused = true;
	world->dead = true;
}

static int64_t
draw_absence(struct sim_world *world)
{
	if (world->refused)
		return sim_between(world, SIM_MINUTE_MS, SIM_MINUTE_MS * 10);
	return world->forgets || sim_chance(world, 800)
		? sim_between(world, 0, SIM_SECOND_MS * 30)
		: sim_between(world, 0, SIM_MINUTE_MS * 30);
}

void
sim_bury(struct sim_world *world)
{
	sim_life_end(world->life), world->life = NULL;
	sim_net_forget(world->net);
	world->dead = false;
	world->steps_left = -1;
	if (world->forgets) {
		sim_disk_wipe(world->disk);
		sim_records_forget(world->records);
	} else if (sim_chance(world, 500)) {
		sim_say(world, "and with it the power");
		sim_disk_cut_power(world->disk);
	} else if (sim_chance(world, 300)) {
		sim_disk_sync(world->disk);
	}
	sim_target_disturb(world);
	world->restart_ms = sim_time(world) + draw_absence(world);
	world->forgets = world->refused = false;
}

/* What it remembers must be what was durable. */
void
sim_restart(struct sim_world *world)
{
	sim_say(world, "start");
	if (sim_chance(world, 250))
		sim_check_database(world);
	/* It may as well die while it starts, or soon after: the more so, if
	 * what it reads could still be lost with the power. */
	if (sim_disk_is_dirty(world->disk) && sim_chance(world, 600))
		sim_doom(world, sim_between(world, 0, STEPS_FEW));
	else if (sim_chance(world, 50))
		sim_doom(world, sim_between(world, 0, STEPS_MOST));
	world->life = sim_life_new(world);
	if (sim_life_begin(world->life)) {
		sim_records_compare(world->records);
	} else if (!world->dead) {
		/* The disk is full: a service manager tries again. */
		sim_life_end(world->life), world->life = NULL;
		world->restart_ms = sim_time(world) + SIM_SECOND_MS * 10;
	}
}
