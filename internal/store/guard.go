package store

import "context"

type reclaimKey struct{}

// Reclaiming marks ctx so that its Updates may write although the disk is
// nearly full. It is for work that frees space in the end: settling a
// delivery, deleting a message.
func Reclaiming(ctx context.Context) context.Context { return reclaim(ctx) }

func reclaim(ctx context.Context) context.Context {
	return context.WithValue(ctx, reclaimKey{}, true)
}

func reclaiming(ctx context.Context) bool { return ctx.Value(reclaimKey{}) != nil }
