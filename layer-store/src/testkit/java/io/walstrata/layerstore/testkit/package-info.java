/**
 * Parts for tests of the store and of other homes: {@link
 * io.walstrata.layerstore.testkit.MemoryHome} is a home in memory, {@link
 * io.walstrata.layerstore.testkit.FaultyHome} fails at chosen steps of any home, {@link
 * io.walstrata.layerstore.testkit.Model} is what a store should show, kept in the plainest way, and
 * {@link io.walstrata.layerstore.testkit.Seeds} are those of random tests. The file system with
 * faults is in {@link io.walstrata.layerstore.testkit.faultfs}.
 *
 * <p>In a jar of its own, with the classifier {@code testkit}; it needs no more than the store
 * does.
 */
@NullMarked
package io.walstrata.layerstore.testkit;

import org.jspecify.annotations.NullMarked;
