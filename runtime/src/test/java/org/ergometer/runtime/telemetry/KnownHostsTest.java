package org.ergometer.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownHostsTest {

  private final KnownHosts hosts = new KnownHosts("trainer.example.org");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "LOCALHOST:9464",
        "127.0.0.1:9464",
        "192.168.1.7",
        "[::1]:9464",
        "trainer:9464",
        "ergometer.localhost",
        "host.docker.internal:9464",
        "laptop.local",
        "trainer.example.org:9464",
        "Trainer.Example.ORG.:9464"
      })
  void knowsAddressesAndNamesThatNobodyElseCanHave(String header) {
    assertThat(hosts.includes(header)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rebound.example.com",
        "rebound.example.com:9464",
        "127.0.0.1.example.com",
        "localhost.example.com:80",
        "1.2.3.4.5",
        "0x7f.1",
        "example.org"
      })
  void doesNotKnowWhatAPageOnTheWebCanBeCalled(String header) {
    assertThat(hosts.includes(header)).isFalse();
  }
}
