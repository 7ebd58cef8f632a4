package wire_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"stormbus/internal/shape/cloudwatch"
	"stormbus/internal/shape/eventsv2"
	"stormbus/internal/shape/s3"
	"stormbus/internal/wire"
)

// Operations of services that stormbus may not have yet, but whose protocols it
// speaks. They answer with what they were asked.

func s3Operations() []wire.Operation {
	return []wire.Operation{
		wire.Op("ListBuckets", func(ctx context.Context, _ *s3.ListBucketsInput) (*s3.ListBucketsOutput, error) {
			return &s3.ListBucketsOutput{Buckets: []s3.Bucket{{
				Name: new("a"), CreationDate: new(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)),
			}}}, nil
		}),
		wire.Op("ListObjectsV2", func(_ context.Context, in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
			return &s3.ListObjectsV2Output{
				Name: in.Bucket, Prefix: in.Prefix, MaxKeys: in.MaxKeys, IsTruncated: new(false),
				Contents: []s3.Object{
					{Key: new("<&> ä"), Size: new(int64(1)), ChecksumAlgorithm: []string{"CRC32", "SHA256"}},
					{Key: new("b"), Owner: &s3.Owner{ID: new("me")}},
				},
			}, nil
		}),
		wire.Op("GetBucketLocation", func(_ context.Context, in *s3.GetBucketLocationInput) (*s3.GetBucketLocationOutput, error) {
			if *in.Bucket == "default" {
				return nil, nil
			}
			return &s3.GetBucketLocationOutput{LocationConstraint: new("eu-west-1")}, nil
		}),
		wire.Op("PutBucketAcl", func(_ context.Context, in *s3.PutBucketAclInput) (*s3.PutBucketAclOutput, error) {
			var said strings.Builder
			said.WriteString(*in.Bucket)
			if in.AccessControlPolicy != nil {
				for _, g := range in.AccessControlPolicy.Grants {
					if g.Grantee != nil {
						_, _ = fmt.Fprint(&said, " ", text(g.Permission), " ", text(g.Grantee.Type), " ", text(g.Grantee.ID))
					}
				}
			}
			return nil, wire.Errorf("InvalidArgument", "%s", said.String())
		}),
		wire.Op("GetBucketAcl", func(context.Context, *s3.GetBucketAclInput) (*s3.GetBucketAclOutput, error) {
			return &s3.GetBucketAclOutput{Grants: []s3.Grant{{
				Grantee: &s3.Grantee{Type: new("CanonicalUser"), ID: new("me")}, Permission: new("READ"),
			}}}, nil
		}),
		wire.Op("DeleteObjects", func(_ context.Context, in *s3.DeleteObjectsInput) (*s3.DeleteObjectsOutput, error) {
			out := &s3.DeleteObjectsOutput{}
			for _, o := range in.Delete.Objects {
				out.Deleted = append(out.Deleted, s3.DeletedObject{Key: o.Key, VersionId: o.VersionId})
			}
			return out, nil
		}),
		wire.Op("HeadObject", func(_ context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
			if *in.Key == "nothing" {
				return nil, wire.Errorf(s3.ErrNoSuchKey, "The specified key does not exist.")
			}
			return &s3.HeadObjectOutput{ContentLength: new(int64(5)), ContentType: new("text/x-key"), Metadata: map[string]string{"a": "b"}}, nil
		}),
		wire.Op("GetObject", getObject),
		wire.Op("PutObject", putObject),
		wire.Op("UploadPart", func(_ context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
			return &s3.UploadPartOutput{ETag: new(fmt.Sprint("part ", *in.PartNumber))}, nil
		}),
		wire.Op("CopyObject", func(_ context.Context, in *s3.CopyObjectInput) (*s3.CopyObjectOutput, error) {
			return &s3.CopyObjectOutput{CopyObjectResult: &s3.CopyObjectResult{ETag: in.CopySource}}, nil
		}),
		wire.Op("PutBucketTagging", func(context.Context, *s3.PutBucketTaggingInput) (*s3.PutBucketTaggingOutput, error) {
			return nil, nil
		}),
	}
}

// text is a text that may be absent.
func text(s *string) string {
	if s == nil {
		return "nothing"
	}
	return *s
}

func getObject(_ context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	if *in.Key == "nothing" {
		e := wire.Errorf(s3.ErrNoSuchKey, "The specified key does not exist.")
		e.Fields = map[string]any{"Key": *in.Key}
		return nil, e
	}
	return &s3.GetObjectOutput{
		Body: strings.NewReader(*in.Bucket + " " + *in.Key), ContentType: new("text/x-key"), ETag: new(`"1"`),
	}, nil
}

func putObject(_ context.Context, in *s3.PutObjectInput) (*s3.PutObjectOutput, error) {
	n, err := io.Copy(io.Discard, in.Body)
	if err != nil {
		return nil, fmt.Errorf("read the object: %w", err)
	}
	return &s3.PutObjectOutput{ETag: new(fmt.Sprintf("%s %s %d", *in.Bucket, *in.Key, n))}, nil
}

func eventsv2Operations() []wire.Operation {
	return []wire.Operation{
		wire.Op("CreateEventBus", func(_ context.Context, in *eventsv2.CreateEventBusInput) (*eventsv2.CreateEventBusOutput, error) {
			return &eventsv2.CreateEventBusOutput{
				Name: in.Name, Description: in.Description, CreationTime: new(time.UnixMilli(1795428000250)),
			}, nil
		}),
		wire.Op("DeleteEventBus", func(context.Context, *eventsv2.DeleteEventBusInput) (*eventsv2.DeleteEventBusOutput, error) {
			return nil, wire.Errorf(eventsv2.ErrResourceNotFoundException, "There is no such bus.")
		}),
	}
}

func cloudwatchOperations() []wire.Operation {
	return []wire.Operation{
		wire.Op("PutMetricData", func(_ context.Context, in *cloudwatch.PutMetricDataInput) (*cloudwatch.PutMetricDataOutput, error) {
			if n := len(in.MetricData); n != 1 {
				return nil, wire.Errorf(cloudwatch.ErrInvalidParameterValueException, "%d metrics in %s", n, *in.Namespace)
			}
			return nil, nil
		}),
	}
}
