/*
 * Places where a test may end the process as a power cut would.
 *
 * Built only with -DCURLEW_FAULTS; otherwise nothing remains of them.
 * CURLEW_FAULT=name:n kills the process (SIGKILL) the n-th time it comes to
 * the point of that name.
 */
#pragma once

#ifdef CURLEW_FAULTS
void fault_point(const char *name);
#else
#define fault_point(name) ((void)0)
#endif
