"""Mail: a row in the transaction of the change, sent by a job afterwards."""
