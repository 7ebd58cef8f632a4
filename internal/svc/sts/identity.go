package sts

import (
	"context"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/sts"
	"stormbus/internal/wire"
)

// GetCallerIdentity tells the account of the caller.
func (s *Service) GetCallerIdentity(ctx context.Context, _ *shape.GetCallerIdentityInput) (*shape.GetCallerIdentityOutput, error) {
	account := wire.From(ctx).Scope.Account
	root := arn.ARN{Partition: arn.Partition, Service: "iam", Account: account, Resource: "root"}.String()
	return &shape.GetCallerIdentityOutput{Account: &account, Arn: &root, UserId: &account}, nil
}
