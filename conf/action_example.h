/*
 * What could be said, made from a pattern and from how its words must look.
 * Pure.
 */
#pragma once

#include <stddef.h>

struct arena;
struct conf_action;

/**
 * "create vm1 on gcp" for "create {vm} on {cloud}": what fits, as it was tried.
 * NULL when the pattern of this number has no words, or none was found.
 */
const char *conf_action_example(
	const struct conf_action *action, size_t pattern, struct arena *arena);

/** "gcp, aws" for "gcp|aws"; NULL when it is not plain texts that a word must
 * be one of. */
const char *conf_action_choices(const char *look, struct arena *arena);
