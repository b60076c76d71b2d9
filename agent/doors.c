#include "agent/doors.h"

#include "agent/base/str.h"

static struct door *
find(struct doors *doors, const char *name)
{
	char cut[DOOR_NAME_SIZE];
	str_copy(cut, sizeof(cut), name);
	for (size_t i = 0; i < doors->count; i++)
		if (str_eq(doors->items[i].name, cut))
			return &doors->items[i];
	if (doors->count == DOORS_MAX)
		return &doors->items[DOORS_MAX - 1];
	struct door *door = &doors->items[doors->count++];
	str_copy(door->name, sizeof(door->name), cut);
	return door;
}

void
doors_note(struct doors *doors, const char *name, enum door_outcome outcome)
{
	find(doors, name)->requests[outcome]++;
}

const char *
doors_outcome_name(enum door_outcome outcome)
{
	static const char *const names[DOOR_OUTCOMES] = {
		[DOOR_TAKEN] = "taken",
		[DOOR_IGNORED] = "ignored",
		[DOOR_REFUSED] = "refused",
		[DOOR_DEFERRED] = "deferred",
	};
	return names[outcome];
}
