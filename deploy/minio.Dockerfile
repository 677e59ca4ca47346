# MinIO from source: its makers publish no images any more. Any other S3 works as well.
# The version is that of deploy/native/minio.py (tests/unit/test_deploy.py compares them).
FROM golang:1.24-alpine AS build
RUN CGO_ENABLED=0 GOBIN=/out go install -trimpath -ldflags "-s -w" \
    github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c

FROM alpine:3.22
RUN adduser -S -D -H -u 10002 minio && mkdir /data && chown 10002 /data
COPY --from=build /out/minio /usr/local/bin/minio
USER 10002
VOLUME /data
EXPOSE 9000
ENTRYPOINT ["minio", "server", "/data", "--quiet", "--address", ":9000"]
