package io.walstrata.layerstore.home;

import java.io.Closeable;

/** The right to write to a {@link LayerHome}, until closed. Closing twice is no error. */
public interface Claim extends Closeable {}
