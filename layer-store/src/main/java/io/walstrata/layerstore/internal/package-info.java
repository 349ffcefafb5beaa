/**
 * The inside of the engine, in packages of its own; not for users of the library: anything in them
 * may change with any release. Imports among them go one way.
 */
@NullMarked
package io.walstrata.layerstore.internal;

import org.jspecify.annotations.NullMarked;
