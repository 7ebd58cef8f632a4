package lambda

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"stormbus/internal/function/code"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

// keep unpacks a zip file, to see that it can be, and stores it. The caller must
// hold s.blobs for reading until a row refers to the blob.
func (s *Service) keep(ctx context.Context, zipped []byte) (Code, error) {
	if err := s.check(zipped); err != nil {
		return Code{}, err
	}
	digest, size, err := s.store.Blobs().Put(ctx, bytes.NewReader(zipped))
	if err != nil {
		return Code{}, fmt.Errorf("store code: %w", err)
	}
	return Code{SHA256: digest.String(), Size: size}, nil
}

// check unpacks a zip file, to see that it can be.
func (s *Service) check(zipped []byte) error {
	if len(zipped) > maxZipped {
		return errTooLarge("Zipped size must be smaller than %d bytes", maxZipped)
	}
	_, err := s.code.Add(zipped)
	switch {
	case errors.Is(err, code.ErrTooLarge):
		return errParameter("Unzipped size must be smaller than %d bytes", code.MaxUnzipped)
	case errors.Is(err, code.ErrEmpty):
		return errParameter("Uploaded file must be a non-empty zip")
	case errors.Is(err, code.ErrMalformed):
		s.log.Info("a zip file was refused", telemetry.KeyError, err)
		return errParameter("Could not unzip uploaded file. Please check your file, then try to upload again.")
	}
	return err
}

// codeDir returns where a function's code is unpacked. The unpacked directory
// is a cache: if it is missing, it is made anew from the blob.
func (s *Service) codeDir(ctx context.Context, f *Function) (string, error) {
	if dir, ok := s.code.Dir(f.Code.SHA256); ok {
		return dir, nil
	}
	s.unpacking.Lock()
	defer s.unpacking.Unlock()
	if dir, ok := s.code.Dir(f.Code.SHA256); ok {
		return dir, nil
	}
	digest, err := store.ParseDigest(f.Code.SHA256)
	if err != nil {
		return "", err
	}
	blob, err := s.store.Blobs().Get(ctx, digest, 0, -1)
	if err != nil {
		return "", fmt.Errorf("read the code of %s: %w", f.Name, err)
	}
	defer blob.Close()
	zipped, err := io.ReadAll(blob)
	if err != nil {
		return "", fmt.Errorf("read the code of %s: %w", f.Name, err)
	}
	dir, err := s.code.Add(zipped)
	if err != nil {
		return "", fmt.Errorf("unpack the code of %s: %w", f.Name, err)
	}
	return dir, nil
}

// dropBlob deletes code that no function refers to any more. The directory
// stays until the next start: something may still run in it.
func (s *Service) dropBlob(ctx context.Context, c Code) {
	digest, err := store.ParseDigest(c.SHA256)
	if err == nil {
		s.blobs.Lock()
		defer s.blobs.Unlock()
		err = s.store.Blobs().Delete(ctx, digest)
	}
	if err != nil && !errors.Is(err, store.ErrReferenced) {
		s.log.Warn("unused code was not deleted", "sha256", c.SHA256, telemetry.KeyError, err)
	}
}

// UpdateFunctionCode gives a function other code.
func (s *Service) UpdateFunctionCode(ctx context.Context, in *shape.UpdateFunctionCodeInput) (*shape.UpdateFunctionCodeOutput, error) {
	f, err := s.findUnqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	if err := checkSource(in); err != nil {
		return nil, err
	}
	if value(in.DryRun) {
		if err := s.check(in.ZipFile); err != nil {
			return nil, apiError(err)
		}
		preview := *f
		preview.Code = Code{SHA256: code.Name(in.ZipFile), Size: int64(len(in.ZipFile))}
		return preview.configuration("").active(), nil
	}
	s.blobs.RLock()
	changed, old, err := s.replaceCode(ctx, f.ref(), in)
	s.blobs.RUnlock()
	if err != nil {
		return nil, err
	}
	if old != changed.Code {
		s.dropBlob(context.WithoutCancel(ctx), old)
	}
	return changed.configuration("").updating(), nil
}

// replaceCode returns the changed function and the code that it had. s.blobs
// must be held for reading.
func (s *Service) replaceCode(ctx context.Context, r ref, in *shape.UpdateFunctionCodeInput) (changed *Function, old Code, err error) {
	kept, err := s.keep(ctx, in.ZipFile)
	if err != nil {
		return nil, old, apiError(err)
	}
	changed, err = s.reconfigure(ctx, r, func(tx store.Tx, f *Function) error {
		if in.RevisionId != nil && *in.RevisionId != f.Revision {
			return errRevision("GetFunction/GetAlias")
		}
		before, err := store.ParseDigest(f.Code.SHA256)
		if err != nil {
			return err
		}
		after, err := store.ParseDigest(kept.SHA256)
		if err != nil {
			return err
		}
		tx.Ref(after)
		tx.Unref(before)
		old, f.Code = f.Code, kept
		if in.Architectures != nil {
			f.Settings.Architectures = in.Architectures
		}
		return nil
	})
	return changed, old, err
}

// checkSource says what is wrong with where UpdateFunctionCode is to take the
// code from.
func checkSource(in *shape.UpdateFunctionCodeInput) *wire.Error {
	switch {
	case in.ImageUri != nil:
		return errParameter("Please don't provide ImageUri when updating a function with packageType Zip.")
	case value(in.Publish) || in.PublishTo != nil:
		return errUnsupported("published versions (Publish)")
	case in.S3Bucket != nil || in.S3Key != nil:
		return errUnsupported("code in S3 (S3Bucket, S3Key)")
	case in.ZipFile == nil:
		return errParameter("Please provide a source for function code.")
	}
	return nil
}
