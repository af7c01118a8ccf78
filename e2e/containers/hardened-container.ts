import { GenericContainer, type StartedNetwork } from 'testcontainers';

/** A container as production would run it: no capabilities, and nothing to write to but /tmp. */
export class HardenedContainer extends GenericContainer {
  constructor(image: string, network: StartedNetwork) {
    super(image);
    this.hostConfig = { ...this.hostConfig, ReadonlyRootfs: true, Init: true };
    this.withNetwork(network)
      .withDroppedCapabilities('ALL')
      .withSecurityOpt('no-new-privileges:true')
      .withTmpFs({ '/tmp': 'rw' });
  }
}
