package io.walstrata.harness.bench;

/**
 * One reading of a topic.
 *
 * @param messages how many were taken in, all unless the time was over before
 * @param share of the topic's messages, up to 1
 * @param seconds from the first message taken in to the last
 * @param startSeconds from the start of the system to the first message
 * @param cpuSeconds of this process, over both
 */
record E2eSample(
    long messages, double share, double seconds, double startSeconds, double cpuSeconds) {
  double messagesPerSecond() {
    return messages / seconds;
  }
}
