package io.walstrata.harness.bench;

import org.HdrHistogram.Histogram;

/**
 * What reading for some time gave.
 *
 * @param perSecond reads per second of one thread
 * @param nanos how long each took
 */
record ReadSample(double perSecond, Histogram nanos) {}
