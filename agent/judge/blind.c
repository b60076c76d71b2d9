#include "agent/judge/blind.h"

static struct blind
stay(struct blind_state next, int64_t due_ms)
{
	return (struct blind){ .next = next, .due_ms = due_ms };
}

static struct blind
change_to(bool told, struct blind_state next)
{
	next.told = told;
	return (struct blind){
		.change = told ? BLIND_BEGUN : BLIND_ENDED,
		.next = next,
		.due_ms = -1,
	};
}

struct blind
blind_step(int64_t after_ms, struct blind_state state,
	const struct blind_view *view, int64_t now_ms)
{
	bool most_unseen = view->unseen > view->endpoints / 2;
	bool half_seen = view->seen >= view->endpoints - view->endpoints / 2;

	if (most_unseen && !state.pending)
		state.since_ms = now_ms;
	state.pending = most_unseen;
	if (state.told)
		return half_seen ? change_to(false, state) : stay(state, -1);
	if (!most_unseen || after_ms == 0)
		return stay(state, -1);
	if (now_ms - state.since_ms < after_ms)
		return stay(state, state.since_ms + after_ms);
	return change_to(true, state);
}
