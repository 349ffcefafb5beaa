/**
 * Parts for tests of the store, of homes and of what uses the store.
 *
 * <ul>
 *   <li>{@link io.walstrata.layerstore.testkit.MemoryHome} is a home in memory, and {@link
 *       io.walstrata.layerstore.testkit.FaultyHome} fails at chosen steps of any home.
 *   <li>{@link io.walstrata.layerstore.testkit.faultfs} is a file system that fails at chosen
 *       steps, and knows what a power loss leaves.
 *   <li>{@link io.walstrata.layerstore.testkit.Model} is what a store should show, kept in the
 *       plainest way; {@link io.walstrata.layerstore.testkit.Seeds} are those of random tests.
 *   <li>{@link io.walstrata.layerstore.testkit.ManyLayers} writes homes of many layers, {@link
 *       io.walstrata.layerstore.testkit.LayerVisits} counts how many of them are visited, and
 *       {@link io.walstrata.layerstore.testkit.WrittenManifest} reads what an owner has written.
 * </ul>
 *
 * <p>In a jar of its own, with the classifier {@code testkit}, which needs no more than the store
 * does.
 */
@NullMarked
package io.walstrata.layerstore.testkit;

import org.jspecify.annotations.NullMarked;
