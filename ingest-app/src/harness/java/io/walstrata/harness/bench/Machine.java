package io.walstrata.harness.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/** What this process has used up so far. */
final class Machine {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Machine() {}

  /** Returns the processor time of all threads of this process. */
  static double cpuSeconds() {
    return SYSTEM.getProcessCpuTime() / 1e9;
  }

  /** Returns the time that the garbage collectors have taken. */
  static double gcSeconds() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
            .mapToLong(GarbageCollectorMXBean::getCollectionTime)
            .sum()
        / 1e3;
  }

  static long memoryBytes() {
    return SYSTEM.getTotalMemorySize();
  }

  /** Returns the load average of the last minute; below 0 if the system does not have it. */
  static double loadAverage() {
    return SYSTEM.getSystemLoadAverage();
  }
}
