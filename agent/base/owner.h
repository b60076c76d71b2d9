/*
 * Whose a file is, for people who run a container: there a mounted folder has
 * the owner that it has outside, and the program is somebody else.
 */
#pragma once

#include <stdbool.h>

struct err;

/**
 * To the sentence about `path`, which could not be opened or made, add what to
 * do about it: the user to run the container as, or that nothing is mounted
 * there.  Nothing is added outside of a container, or when `error` has another
 * reason.  Always false, to be returned.
 */
bool owner_advise(struct err *err, int error, const char *path);
