"""Reports (报表) that people read: the supervisor's board, the page of seals."""
