#include "agent/model/problem.h"

static const char *const state_names[] = {
	[PROBLEM_DOWN] = "down",
	[PROBLEM_UP] = "up",
	[PROBLEM_ACKNOWLEDGED] = "acknowledged",
	[PROBLEM_UNKNOWN] = "unknown",
	[PROBLEM_NOTICE] = "info",
	[PROBLEM_TEST] = "test",
	[PROBLEM_SCHEDULED] = "scheduled",
	[PROBLEM_FINISHED] = "finished",
};

const char *
problem_state_name(enum problem_state state)
{
	return state_names[state];
}

bool
problem_is_open(const struct problem *problem)
{
	return problem->state == PROBLEM_DOWN
		|| problem->state == PROBLEM_ACKNOWLEDGED;
}
