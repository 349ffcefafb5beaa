package io.walstrata.layerstore.home;

import java.io.IOException;

/** Another owner writes to the home. The message names the home and the owner. */
public final class HomeClaimedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String location;
  private final String owner;

  /**
   * @param location the home
   * @param owner who holds it, as far as is known
   */
  public HomeClaimedException(String location, String owner) {
    this(location, owner, "");
  }

  private HomeClaimedException(String location, String owner, String waited) {
    super(
        "layers belong to another owner, stop it first or wait until it has closed them: home="
            + location
            + ", owner="
            + owner
            + waited);
    this.location = location;
    this.owner = owner;
  }

  /** Returns the same after having waited for the owner. */
  public HomeClaimedException after(long waitedMs) {
    return new HomeClaimedException(location, owner, ", waitedMs=" + waitedMs);
  }
}
