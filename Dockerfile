# A static binary and nothing else. Another base for the build: --build-arg BUILD_IMAGE=…
ARG BUILD_IMAGE=rust:1.95-slim-bookworm

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY fixtures/seeds fixtures/seeds
# The target is named so that the flag is for the binary alone: procedural macros can't be static.
RUN target=$(rustc -vV | sed -n 's/^host: //p') \
    && RUSTFLAGS='-C target-feature=+crt-static' cargo build --release --locked --bin rds-mock --target "$target" \
    && cp "target/$target/release/rds-mock" /rds-mock

FROM scratch
LABEL org.opencontainers.image.title="rds-mock" \
      org.opencontainers.image.description="A local stand-in for the Alibaba Cloud ApsaraDB RDS endpoint" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /rds-mock /rds-mock
# In a container, and only there, the server must be reachable from outside its own loopback interface.
ENV RDS_MOCK_LISTEN=0.0.0.0:20140
EXPOSE 20140
USER 65534:65534
HEALTHCHECK --interval=10s --timeout=3s --start-period=2s CMD ["/rds-mock", "healthcheck"]
ENTRYPOINT ["/rds-mock"]
