package io.walstrata.layerstore.testkit.faultfs;

import org.jspecify.annotations.Nullable;

/** Says which steps go wrong. Asked for one step at a time, by any thread. */
public interface FaultPlan {
  /** Nothing goes wrong. */
  FaultPlan NONE = step -> null;

  /** Returns what happens at this step; null for what was asked for. */
  @Nullable Fault at(Step step);
}
